#!/bin/sh
# ndk.sh FOLDER: makes a stand-in for an NDK out of Debian's cross compiler, for arm64-v8a alone. What
# it links is not for a phone, but the script, the flags and the checks are the real ones.
set -eu
bin=$1/toolchains/llvm/prebuilt/linux-x86_64/bin
system=$1/system
mkdir -p "$bin" "$system/android"
cat >"$system/android/log.h" <<'END'
#include <stdarg.h>
enum { ANDROID_LOG_FATAL = 7 };
int __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments);
END
cat >"$bin/aarch64-linux-android24-clang" <<END
#!/bin/sh
exec aarch64-linux-gnu-gcc -I"$system" -L"$system" "\$@"
END
chmod +x "$bin/aarch64-linux-android24-clang"
printf '#include <android/log.h>\nint __android_log_vprint(int p, const char *t, const char *f, va_list a)\n{ (void)p; (void)t; (void)f; (void)a; return 0; }\n' |
	"$bin/aarch64-linux-android24-clang" -shared -fPIC -Wl,-soname,liblog.so -x c - -o "$system/liblog.so"
