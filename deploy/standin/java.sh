# shellcheck shell=bash disable=SC2034
# The compiler is in the runtime's module file; the package of the JDK would add 70 MB of
# what makes other runtimes, and the command.
packages=(openjdk-17-jre-headless)
drop+='|ca-certificates-java|java-common|libcups2|liblcms2-2|libjpeg.*|libfontconfig1|fontconfig-config'
drop+='|fonts-.*|libfreetype6|libharfbuzz0b|libglib2.0-0|libasound2.*|libnss3|libnspr4|libpcsclite1'
drop+='|libavahi-.*|libdbus-1-3|libkrb5.*|libk5crypto3|libgssapi-krb5-2|libkeyutils1|libcom-err2'
drop+='|libgraphite2-3|libbrotli1|libpng16-16|libexpat1|libsqlite3-0|libgcrypt20|libgpg-error0'
drop+='|lib(mount1|blkid1|smartcols1|uuid1|udev1|selinux1|pcre2-8-0|cap2|cap-ng0|lz4-1|lzma5|zstd1)'
drop+='|libp11-kit0|libnettle8|libhogweed6|libgmp10|libtasn1-6|libidn2-0|libunistring2|libffi8|libssl3|libtinfo6|libcrypt1'
leave+=(usr/share/{gdb,binfmts,application-registry,applications,pixmaps,apport}
    usr/lib/jvm/'*'/{legal,man,docs} usr/lib/jvm/.java-1.17.0-openjdk-amd64.jinfo)
probe=(sh -c 'echo "public class Ok { public static void main(String[] a) { System.out.println(\"ok\"); } }" >Ok.java && javac Ok.java && java Ok')

finish() {
    local home=/usr/lib/jvm/java-17-openjdk-amd64
    ln -s "$home/bin/java" "$1/usr/bin/java"
    cat >"$1/usr/bin/javac" <<END
#!/bin/sh
# The JDK's javac: an option for the machine that it runs in begins with -J.
for word; do
    shift
    case \$word in -J*) machine="\$machine \${word#-J}" ;; *) set -- "\$@" "\$word" ;; esac
done
exec java \$machine -XX:SharedArchiveFile=$home/lib/javac.jsa -m jdk.compiler/com.sun.tools.javac.Main "\$@"
END
    chmod 755 "$1/usr/bin/javac"
    # Classes as they lie in memory: of the machine, then of the compiler on top of it.
    inside java -XX:+UseG1GC -Xshare:dump >/dev/null
    rm "$1$home/lib/server/classes_nocoops.jsa" # for heaps of more than 32 GB
    cat >"$1/tmp/Main.java" <<'END'
import java.util.*;
import java.util.stream.*;

public class Main {
    interface Shape { double area(); }
    record Square(double side) implements Shape { public double area() { return side * side; } }
    enum Kind { SMALL, LARGE }
    public static void main(String[] args) throws Exception {
        Map<Kind, List<Shape>> shapes = Stream.of(1.0, 20.0).<Shape>map(Square::new)
            .collect(Collectors.groupingBy(s -> s.area() > 9 ? Kind.LARGE : Kind.SMALL));
        for (var each : shapes.entrySet()) System.out.printf("%s %d%n", each.getKey(), each.getValue().size());
        try (Scanner in = new Scanner(System.in)) { while (in.hasNextInt()) System.out.println(in.nextInt()); }
    }
}
END
    inside java -XX:+UseSerialGC "-XX:ArchiveClassesAtExit=$home/lib/javac.jsa" \
        -m jdk.compiler/com.sun.tools.javac.Main -Xlint -d /tmp/made /tmp/Main.java >/dev/null
}
