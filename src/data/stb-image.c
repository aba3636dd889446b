/* SPDX-License-Identifier: MIT */

/* stb_image, with the formats that Kairos reads.  In a file of its own because the build leaves the sanitizer of
 * undefined behaviour out of it: it reports shifts and empty copies in there that are harmless and not ours.
 * AddressSanitizer watches it. */
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#include <stb/stb_image.h>
