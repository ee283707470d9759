/* What jni.h needs to know of macOS. A JDK has this header only for its own system. */
#ifndef JNI_MD_H
#define JNI_MD_H

#define JNIEXPORT __attribute__((visibility("default")))
#define JNIIMPORT __attribute__((visibility("default")))
#define JNICALL

typedef signed char jbyte;
typedef int jint;
typedef long jlong;

#endif /* JNI_MD_H */
