/** Takes programs and extracted files out of cargo's directories, as functions of POSIX shell. */
import { OUT, TARGET, WORK } from "./layout.ts";

export const takeOutputsScript = `
first_of() {
  for tool; do
    if command -v "$tool"; then return; fi
  done
  die missing-binutils "the builder image has none of: $*" "install binutils in it, for another platform binutils-ARCH-linux-gnu"
}

take_program() {
  program=${OUT}/$1/$2
  mkdir -p "\${program%/*}"
  case $1 in
    stripped) "$strip_tool" --strip-debug -o "$program" "$built/$2" ;;
    full) "$objcopy_tool" -R .debug_pubnames -R .debug_pubtypes "$built/$2" "$program" ;;
  esac
}

# at_once COMMAND…: begins the command; all_done waits for what was begun, and fails if any of it did.
begun=
at_once() {
  "$@" &
  begun="$begun $!"
}
all_done() { for job in $begun; do wait "$job"; done; }

# "PACKAGE OUT-DIR" of the build scripts that ran for the target, as opposed to the machine that compiles.
ran_scripts() {
  awk -v prefix="${TARGET}/$target/" '
    function field(key, text) {
      text = $0
      if (!sub(".*\\"" key "\\":\\"", "", text)) return ""
      sub(/".*/, "", text)
      return text
    }
    index($0, "{\\"reason\\":\\"build-script-executed\\"") == 1 {
      id = field("package_id")
      if (index(id, "@")) { sub(/@.*/, "", id); sub(/.*#/, "", id) } else { sub(/#.*/, "", id); sub(/.*[/]/, "", id) }
      if (index(field("out_dir"), prefix) == 1) print id, field("out_dir")
    }
  ' ${WORK}/messages
}

script_outputs() { ran_scripts | sed -n "s|^$1 ||p"; }

take_extract() {
  mkdir -p ${OUT}/extract/$1
  [ -n "$(script_outputs "$2")" ] || die missing-build-script \\
    "extract: no build script of \\\`$2\\\` ran for $target in this build" \\
    "those of these packages did: $(ran_scripts | sed 's/ .*//' | sort -u | paste -s -d ' ')"
  script_outputs "$2" | while IFS= read -r output; do
    [ -e "$output/$3" ] || die missing-extract \\
      "extract: the build script of \\\`$2\\\` left no \\\`$3\\\` in its output directory" \\
      "it left: $(cd "$output" && find . -mindepth 1 | sed 's|^[.]/||' | sort | head -n 20 | paste -s -d ' ')"
    if [ "$4" = . ]; then cp -R "$output/$3/." ${OUT}/extract/$1; continue; fi
    rm -rf "${OUT}/extract/$1/$4"
    cp -R "$output/$3" "${OUT}/extract/$1/$4"
  done
}
`;
