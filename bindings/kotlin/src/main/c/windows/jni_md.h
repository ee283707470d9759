/* What jni.h needs to know of Windows on amd64. A JDK has this header only for its own system. */
#ifndef JNI_MD_H
#define JNI_MD_H

#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL __stdcall

typedef signed char jbyte;
typedef int jint;
typedef long long jlong;

#endif /* JNI_MD_H */
