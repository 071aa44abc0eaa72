/** Takes programs and extracted files out of cargo's directories, as functions of POSIX shell. */
import { OUT, TARGET, WORK } from "./layout.ts";

export const takeOutputsScript = `
first_of() {
  for tool; do
    if command -v "$tool"; then return; fi
  done
  die missing-binutils "the builder image has none of: $*"
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

# Output directories of a package's build scripts, of those that ran for the target.
script_outputs() {
  awk -v package="$1" -v prefix="${TARGET}/$target/" '
    function field(key, text) {
      text = $0
      if (!sub(".*\\"" key "\\":\\"", "", text)) return ""
      sub(/".*/, "", text)
      return text
    }
    index($0, "{\\"reason\\":\\"build-script-executed\\"") == 1 {
      id = field("package_id")
      if (index(id, "@")) { sub(/@.*/, "", id); sub(/.*#/, "", id) } else { sub(/#.*/, "", id); sub(/.*[/]/, "", id) }
      if (id == package && index(field("out_dir"), prefix) == 1) print field("out_dir")
    }
  ' ${WORK}/messages
}

take_extract() {
  mkdir -p ${OUT}/extract/$1
  [ -n "$(script_outputs "$2")" ] || die missing-build-script "extract: no build script of $2 ran for this build"
  script_outputs "$2" | while IFS= read -r output; do
    [ -e "$output/$3" ] || die missing-extract "extract: the build script of $2 left no $3 in its output directory"
    if [ "$4" = . ]; then cp -R "$output/$3/." ${OUT}/extract/$1; continue; fi
    rm -rf "${OUT}/extract/$1/$4"
    cp -R "$output/$3" "${OUT}/extract/$1/$4"
  done
}
`;
