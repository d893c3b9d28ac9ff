# shellcheck shell=bash disable=SC2034
packages=(nodejs node-typescript)
# nodejs loads these from disk; the others are tools around it.
keep='node-(acorn|busboy|cjs-module-lexer|undici|xtend)'
# What editors use, and messages in other languages.
leave+=(usr/share/nodejs/typescript/lib/{typescript,tsserverlibrary,tsserver,typescriptServices,typingsInstaller}.js
    usr/share/nodejs/typescript/lib/{typescript,tsserverlibrary,typescriptServices,protocol}.d.ts
    usr/share/nodejs/typescript/lib/'[a-z][a-z]' usr/share/nodejs/typescript/lib/'[a-z][a-z]-[a-z][a-z]' usr/share/nodejs/typescript/loc)
probe=(sh -c 'echo "import {EOL} from \"os\"; const x: string = \"ok\"; process.stdout.write(x + EOL)" >ok.ts &&
    tsc --lib es2022 --module commonjs ok.ts && node ok')

# Debian has no types of Node's own modules: here they are there, and anything goes.
finish() {
    local module
    mkdir -p "$1/node_modules/@types/node"
    {
        printf 'declare var %s: any;\n' console process require module exports global Buffer __dirname __filename \
            setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask \
            structuredClone performance URL URLSearchParams TextEncoder TextDecoder AbortController fetch
        for module in assert buffer crypto events fs fs/promises os path perf_hooks process readline \
            readline/promises stream string_decoder timers timers/promises url util vm worker_threads zlib; do
            printf 'declare module "%s";\ndeclare module "node:%s";\n' $module $module
        done
    } >"$1/node_modules/@types/node/index.d.ts"
    echo '{"name": "@types/node", "version": "18.0.0", "types": "index.d.ts"}' >"$1/node_modules/@types/node/package.json"
}
