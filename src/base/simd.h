/* SPDX-License-Identifier: MIT */

/* One build for every x86-64 processor: a function marked KAIROS_MULTIVERSION is compiled for AVX-512, AVX2 and the
 * baseline, and the dynamic loader picks one when the program starts.  The choice depends on the machine alone, so
 * results on one machine stay the same. Mark functions whose loops the compiler vectorises; everything they call must
 * be inlined into them to profit.  Nothing but macros, for the inner loops of every layer.
 *
 * Sanitizers instrument the resolver, which runs before they are set up; so there the baseline is used.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define KAIROS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KAIROS_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) &&                       \
    !defined(KAIROS_SANITIZED)
#define KAIROS_MULTIVERSION __attribute__ ((target_clones ("avx512f", "avx2", "default")))
#else
#define KAIROS_MULTIVERSION
#endif
