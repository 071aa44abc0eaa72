/*
 * The first process of a container in which a test runs: starts the test's command as dazzle's runner does, hands its output
 * through, and says how it ended. It needs nothing of the image, not even a C library.
 *
 *   runner NONCE USER TERMINAL COUNT [NAME=VALUE]{COUNT} COMMAND [ARGUMENT...]
 *
 * USER is a number or a name of /etc/passwd, or empty; TERMINAL is "t" for a terminal as standard input. After everything else
 * it writes "NONCE STATUS\n" to standard error: the exit status, -1 after a signal, 255 if the command can't be started.
 *
 *   runner --list DIRECTORY FILE
 *
 * writes what is below DIRECTORY, but for directories, into FILE: "HASH PATH\0" for each, the hash (FNV-1a of 64 bits) being that
 * of the content or of the link's target.
 * Source of the behaviour: gitpod-io/dazzle v0.1.17: pkg/test/test.go (LocalExecutor), pkg/test/runner/main.go.
 * bin/build-test-runner makes runner-program.ts of it.
 */
typedef long word;
typedef unsigned long uword;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, IOCTL = 16, SETUID = 105, SETGID = 106, SETGROUPS = 116, SETSID = 112, EXIT = 231, WAIT4 = 61,
  EXECVE = 59, CLONE = 56, OPENAT = 257, CLOSE = 3, PIPE2 = 293, DUP3 = 292, PPOLL = 271, NEWFSTATAT = 262, GETDENTS = 217, READLINKAT = 267 };
static word syscall6(word n, word a, word b, word c, word d, word e, word f) {
  register word r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  word result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
__asm__(".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call begin\n");
enum { STAT_MODE = 24, STAT_SIZE = 144 };
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, IOCTL = 29, SETUID = 146, SETGID = 144, SETGROUPS = 159, SETSID = 157, EXIT = 94, WAIT4 = 260,
  EXECVE = 221, CLONE = 220, OPENAT = 56, CLOSE = 57, PIPE2 = 59, DUP3 = 24, PPOLL = 73, NEWFSTATAT = 79, GETDENTS = 61, READLINKAT = 78 };
static word syscall6(word n, word a, word b, word c, word d, word e, word f) {
  register word x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
    x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
__asm__(".globl _start\n_start:\n mov x29,#0\n mov x30,#0\n mov x0,sp\n and sp,x0,#-16\n bl begin\n");
enum { STAT_MODE = 16, STAT_SIZE = 128 };
#else
#error "no such machine"
#endif
#define call(n, a, b, c, d) syscall6(n, (word)(a), (word)(b), (word)(c), (word)(d), 0, 0)

enum { AT_FDCWD = -100, O_RDWR = 2, O_CLOEXEC = 02000000, O_NOCTTY = 0400, EINTR = 4, EACCES = 13, ENOENT = 2 };

static uword length(const char *s) { uword n = 0; while (s[n]) n++; return n; }

static int same(const char *a, const char *b, uword n) { for (uword i = 0; i < n; i++) if (a[i] != b[i]) return 0; return 1; }

static void copy(char *to, const char *from, uword n) { for (uword i = 0; i < n; i++) to[i] = from[i]; }

static void put(int fd, const char *data, uword n) {
  while (n > 0) {
    word done = call(WRITE, fd, data, n, 0);
    if (done == -EINTR) continue;
    if (done <= 0) return;
    data += done;
    n -= (uword)done;
  }
}

static void say(const char *s) { put(2, s, length(s)); }

static void say_number(word value) {
  char digits[24];
  int at = 24;
  uword rest = value < 0 ? (uword)-value : (uword)value;
  do digits[--at] = (char)('0' + rest % 10); while (rest /= 10);
  if (value < 0) digits[--at] = '-';
  put(2, digits + at, (uword)(24 - at));
}

/* As Go quotes it, within a message that is quoted as a whole. */
static void say_escaped(const char *s) {
  for (; *s; s++) {
    if (*s == '"' || *s == '\\') say("\\");
    put(2, s, 1);
  }
}

static const char *nonce;
static char **environment;

static void finish(word status) {
  say(nonce);
  say(" ");
  say_number(status);
  say("\n");
  call(EXIT, 0, 0, 0, 0);
  for (;;) ;
}

static const char *reason(word error) {
  switch (error) {
    case ENOENT: return "no such file or directory";
    case EACCES: return "permission denied";
    case 1: return "operation not permitted";
    case 7: return "argument list too long";
    case 8: return "exec format error";
    case 12: return "cannot allocate memory";
    case 20: return "not a directory";
    case 22: return "invalid argument";
    case 26: return "text file busy";
    default: return "it failed";
  }
}

static void cannot_run(const char *before, const char *name, const char *after) {
  say("cannot run command: \"");
  say(before);
  say_escaped(name);
  say(after);
  say("\"\nenv: ");
  for (char **entry = environment; *entry; entry++) {
    if (entry != environment) say("\n\t");
    say(*entry);
  }
  say("\n");
  finish(255);
}

static char heap[1 << 16];
static uword used;

/* A copy is never given back: the program is over soon. */
static char *keep(const char *a, uword an, const char *b) {
  uword bn = length(b);
  if (used + an + bn + 1 > sizeof heap) cannot_run("", "argument list too long", "");
  char *text = heap + used;
  used += an + bn + 1;
  copy(text, a, an);
  copy(text + an, b, bn);
  text[an + bn] = 0;
  return text;
}

static const char *variable(char **env, const char *name) {
  uword n = length(name);
  for (; *env; env++) if (same(*env, name, n) && (*env)[n] == '=') return *env + n + 1;
  return 0;
}

static char *merged[8192];

/* The container's variables, with those of the test in the place of others of their name, or behind them. */
static char **merge(char **env, char **own, int count) {
  int n = 0;
  while (env[n] && n < 8000) { merged[n] = env[n]; n++; }
  for (int i = 0; i < count; i++) {
    uword name = 0;
    int found = 0;
    while (own[i][name] && own[i][name] != '=') name++;
    for (int j = 0; j < n; j++)
      if (same(merged[j], own[i], name) && (merged[j][name] == '=' || merged[j][name] == 0)) { merged[j] = own[i]; found = 1; }
    if (!found && n < 8190) merged[n++] = own[i];
  }
  merged[n] = 0;
  return merged;
}

static char passwd[1 << 18];

static int number(const char *s, uword n, uword *value) {
  *value = 0;
  if (n == 0 || n > 10) return 0;
  for (uword i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return 0;
    *value = *value * 10 + (uword)(s[i] - '0');
  }
  return 1;
}

/* NAME:x:UID:GID:… */
static void find_user(const char *user, uword *uid, uword *gid) {
  uword wanted, numeric = (uword)number(user, length(user), &wanted);
  word fd = call(OPENAT, AT_FDCWD, "/etc/passwd", O_CLOEXEC, 0), size = 0;
  if (fd < 0) cannot_run("open /etc/passwd: ", reason(-fd), "");
  for (word got; (got = call(READ, fd, passwd + size, (word)sizeof passwd - 1 - size, 0)) > 0;) size += got;
  call(CLOSE, fd, 0, 0, 0);
  passwd[size] = 0;
  for (char *line = passwd; *line;) {
    char *field[4] = { line, 0, 0, 0 };
    uword lengths[4] = { 0 };
    int n = 0;
    char *at = line;
    for (; *at && *at != '\n'; at++)
      if (*at == ':' && n < 3) { lengths[n] = (uword)(at - field[n]); field[++n] = at + 1; }
      else if (*at == ':' && n == 3 && lengths[3] == 0) { lengths[3] = (uword)(at - field[3]); n = 4; }
    if (n >= 3 && number(field[2], lengths[2], uid) && number(field[3], lengths[3], gid)) {
      if (numeric ? *uid == wanted : (lengths[0] == length(user) && same(line, user, lengths[0]))) return;
    }
    line = *at ? at + 1 : at;
  }
  cannot_run(numeric ? "user: unknown userid " : "user: unknown user ", user, "");
}

static int is_program(const char *path) {
  unsigned char stat[STAT_SIZE];
  if (call(NEWFSTATAT, AT_FDCWD, path, stat, 0) < 0) return 0;
  unsigned mode = *(unsigned *)(stat + STAT_MODE);
  return (mode & 0170000) != 0040000 && (mode & 0111) != 0;
}

/* In the PATH of the container, not in that of the test. */
static const char *find_program(const char *name) {
  for (const char *s = name; *s; s++) if (*s == '/') return name;
  const char *path = variable(environment, "PATH");
  while (path && *path) {
    uword n = 0;
    while (path[n] && path[n] != ':') n++;
    if (n > 0 && path[0] == '/') {
      char *directory = keep(path, n, "/");
      char *candidate = keep(directory, n + 1, name);
      if (is_program(candidate)) return candidate;
    }
    path += n;
    if (*path == ':') path++;
  }
  cannot_run("exec: \\\"", name, "\\\": executable file not found in $PATH");
  return 0;
}

static word open_terminal(void) {
  word master = call(OPENAT, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  int unlocked = 0, index = 0;
  if (master < 0) cannot_run("open /dev/ptmx: ", reason(-master), "");
  call(IOCTL, master, 0x40045431, &unlocked, 0); /* TIOCSPTLCK */
  call(IOCTL, master, 0x80045430, &index, 0); /* TIOCGPTN */
  char digits[12];
  int at = 11;
  digits[at] = 0;
  do digits[--at] = (char)('0' + index % 10); while (index /= 10);
  char *name = keep("/dev/pts/", 9, digits + at);
  word slave = call(OPENAT, AT_FDCWD, name, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
  if (slave < 0) cannot_run("open ", name, ": no such file or directory");
  return slave;
}

struct poll { int fd; short events, revents; };

/* Hands through what comes from both pipes, until nobody holds them any more. */
static void pass_on(int out, int err) {
  static char buffer[1 << 16];
  struct poll open[2] = { { out, 1, 0 }, { err, 1, 0 } };
  for (int left = 2; left > 0;) {
    if (call(PPOLL, open, 2, 0, 0) < 0) continue;
    for (int i = 0; i < 2; i++) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      word got = call(READ, open[i].fd, buffer, sizeof buffer, 0);
      if (got > 0) put(i + 1, buffer, (uword)got);
      else if (got != -EINTR) { open[i].fd = -1; left--; }
    }
  }
}

static void run(const char *user, int terminal, char **env, char **command) {
  uword uid = 0, gid = 0;
  if (*user) find_user(user, &uid, &gid);
  const char *program = find_program(command[0]);
  word input = terminal ? open_terminal() : call(OPENAT, AT_FDCWD, "/dev/null", O_CLOEXEC, 0);
  int out[2], err[2], failed[2];
  call(PIPE2, out, O_CLOEXEC, 0, 0);
  call(PIPE2, err, O_CLOEXEC, 0, 0);
  call(PIPE2, failed, O_CLOEXEC, 0, 0);
  word child = call(CLONE, 17 /* SIGCHLD */, 0, 0, 0);
  if (child == 0) {
    word error = 0;
    if (terminal) {
      error = call(SETSID, 0, 0, 0, 0);
      if (error >= 0) error = call(IOCTL, input, 0x540e /* TIOCSCTTY */, 0, 0);
    }
    if (error >= 0 && *user) {
      error = call(SETGROUPS, 0, 0, 0, 0);
      if (error >= 0) error = call(SETGID, gid, 0, 0, 0);
      if (error >= 0) error = call(SETUID, uid, 0, 0, 0);
    }
    if (error >= 0) {
      if (input >= 0) call(DUP3, input, 0, 0, 0); else call(CLOSE, 0, 0, 0, 0);
      call(DUP3, out[1], 1, 0, 0);
      call(DUP3, err[1], 2, 0, 0);
      error = call(EXECVE, program, command, env, 0);
    }
    int code = (int)-error;
    put(failed[1], (char *)&code, sizeof code);
    call(EXIT, 255, 0, 0, 0);
  }
  call(CLOSE, out[1], 0, 0, 0);
  call(CLOSE, err[1], 0, 0, 0);
  call(CLOSE, failed[1], 0, 0, 0);
  if (input >= 0) call(CLOSE, input, 0, 0, 0);
  int code = 0;
  if (child < 0) code = (int)-child;
  else call(READ, failed[0], &code, sizeof code, 0);
  if (code != 0) cannot_run("fork/exec ", keep(program, length(program), ": "), reason(code));
  pass_on(out[0], err[0]);
  int status = 0;
  while (call(WAIT4, child, &status, 0, 0) == -EINTR) ;
  finish((status & 127) == 0 ? (status >> 8) & 255 : -1);
}

static char path[1 << 13];
static char listing[1 << 16];
static uword listed;
static int list_file;

static void list_put(const char *data, uword n) {
  if (listed + n > sizeof listing) { put(list_file, listing, listed); listed = 0; }
  copy(listing + listed, data, n);
  listed += n;
}

static uword fnv(uword hash, const char *data, uword n) {
  for (uword i = 0; i < n; i++) hash = (hash ^ (unsigned char)data[i]) * 1099511628211ul;
  return hash;
}

static void list_entry(int directory, const char *name, uword end, unsigned mode) {
  static char content[1 << 16];
  uword hash = fnv(14695981039346656037ul, (char *)&mode, 2);
  if ((mode & 0170000) == 0120000) {
    word got = syscall6(READLINKAT, directory, (word)name, (word)content, sizeof content, 0, 0);
    if (got > 0) hash = fnv(hash, content, (uword)got);
  } else if ((mode & 0170000) == 0100000) {
    word fd = call(OPENAT, directory, name, O_CLOEXEC, 0);
    for (word got; fd >= 0 && (got = call(READ, fd, content, sizeof content, 0)) > 0;) hash = fnv(hash, content, (uword)got);
    if (fd >= 0) call(CLOSE, fd, 0, 0, 0);
  }
  char digits[17];
  for (int i = 0; i < 16; i++) digits[i] = "0123456789abcdef"[(hash >> (60 - 4 * i)) & 15];
  digits[16] = ' ';
  list_put(digits, 17);
  list_put(path, end + 1);
}

/* What is in an open directory, whose path ends at `end`. */
static void list(int directory, uword end) {
  char entries[1 << 13];
  for (word got; (got = call(GETDENTS, directory, entries, sizeof entries, 0)) > 0;) {
    for (word at = 0; at < got; at += *(unsigned short *)(entries + at + 16)) {
      char *name = entries + at + 19;
      uword n = length(name);
      if ((n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.')) continue;
      if (end + n + 2 > sizeof path) continue;
      unsigned char stat[STAT_SIZE];
      if (call(NEWFSTATAT, directory, name, stat, 0x100 /* AT_SYMLINK_NOFOLLOW */) < 0) continue;
      unsigned mode = *(unsigned *)(stat + STAT_MODE);
      path[end] = '/';
      copy(path + end + 1, name, n + 1);
      if ((mode & 0170000) == 0040000) {
        word inner = call(OPENAT, directory, name, O_CLOEXEC, 0);
        if (inner < 0) continue;
        list((int)inner, end + 1 + n);
        call(CLOSE, inner, 0, 0, 0);
      } else list_entry(directory, name, end + 1 + n, mode);
    }
  }
}

static void list_all(const char *root, const char *file) {
  word directory = call(OPENAT, AT_FDCWD, root, O_CLOEXEC, 0);
  word out = call(OPENAT, AT_FDCWD, file, 01 | 0100 | 01000 | O_CLOEXEC, 0644); /* O_WRONLY, O_CREAT, O_TRUNC */
  if (directory < 0 || out < 0) call(EXIT, 1, 0, 0, 0);
  list_file = (int)out;
  list((int)directory, 0);
  put(list_file, listing, listed);
  call(EXIT, 0, 0, 0, 0);
}

void begin(word *stack) {
  char **argv = (char **)(stack + 1);
  int argc = (int)stack[0];
  environment = argv + argc + 1;
  uword count = 0;
  if (argc == 4 && same(argv[1], "--list", 7)) list_all(argv[2], argv[3]);
  if (argc < 6 || !number(argv[4], length(argv[4]), &count) || argc < 6 + (int)count) call(EXIT, 2, 0, 0, 0);
  nonce = argv[1];
  run(argv[2], argv[3][0] == 't', merge(environment, argv + 5, (int)count), argv + 5 + count);
}
