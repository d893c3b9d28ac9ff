# shellcheck shell=bash disable=SC2034
packages=(nodejs node-typescript)
probe=(sh -c 'echo "const x: string = \"ok\"; console.log(x)" >ok.ts && tsc ok.ts && node ok')
# nodejs loads these from disk; the others are tools around it.
keep='node-(acorn|busboy|cjs-module-lexer|undici|xtend)'
