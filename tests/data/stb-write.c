/* SPDX-License-Identifier: MIT */

/* Writers of PNG, JPEG and BMP for the tests, in a file of their own for the reason given in src/data/stb-image.c. */
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>
