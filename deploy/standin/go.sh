# shellcheck shell=bash disable=SC2034,SC2154
packages=(golang-1.19-go golang-1.19-src)
leave+=(usr/share/go-1.19/{api,misc,test} usr/lib/go-1.19/{api,misc,test} usr/lib/go-1.19/pkg/'linux_amd64_*')
probe=(sh -c 'echo "package main; import \"fmt\"; func main() { fmt.Println(\"ok\") }" >ok.go && go-compile ok ok.go && ./ok')

# As in the image of our own: the compiler, the linker and the library, and Go itself goes.
finish() {
    mkdir -p "$1/usr/local/bin"
    ln -s ../lib/go-1.19/bin/go "$1/usr/bin/go"
    cp "$deploy/images/go/go-compile" "$1/usr/local/bin/"
    cp "$deploy/images/go/go-std" "$1/tmp/"
    inside /tmp/go-std
    rm -rf "$1/usr/share/go-1.19" "$1/usr/lib/go-1.19" "$1/usr/bin/go"
}
