#!/bin/sh
# scripts.sh FLATTEN lua/NAME-KEYS.lua ... -- print C, the table that queue/scripts.h declares.
set -eu
flatten=$1
shift
printf '#include "queue/scripts.h"\n\n#include <stddef.h>\n\n'
printf 'const struct script_source script_sources[] = {\n'
for path; do
    base=${path##*/}
    name=${base%-*}
    keys=${base##*-}
    keys=${keys%.lua}
    case $base:$keys in
    ?*-"$keys".lua:[0-9] | ?*-"$keys".lua:[0-9][0-9]) ;;
    *)
        echo "$path: not named NAME-KEYS.lua" >&2
        exit 1
        ;;
    esac
    text=$("$flatten" "$path")
    digest=$(printf '%s\n' "$text" | sha1sum)
    printf '    {"%s", %d, "%s",\n' "$name" "$keys" "${digest%% *}"
    printf '%s\n' "$text" | sed -e 's/[\\"]/\\&/g' -e 's/	/\\t/g' -e 's/.*/     "&\\n"/'
    printf '    },\n'
done
printf '    {NULL, 0, NULL, NULL},\n};\n'
