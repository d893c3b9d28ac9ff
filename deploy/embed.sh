#!/bin/sh
# embed.sh HEADER NAME=FILE ... -- print C in which each NAME that HEADER declares is FILE's text.
set -eu
printf '#include "%s"\n\n' "$1"
shift
for pair; do
    printf 'const char %s[] =\n' "${pair%%=*}"
    sed -e 's/[\\"]/\\&/g' -e 's/	/\\t/g' -e 's/.*/    "&\\n"/' "${pair#*=}"
    printf '    ;\n'
done
