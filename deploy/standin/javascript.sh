# shellcheck shell=bash disable=SC2034
packages=(nodejs)
probe=(node -e 'console.log("ok")')
# nodejs loads these from disk; the others are tools around it.
keep='node-(acorn|busboy|cjs-module-lexer|undici|xtend)'
