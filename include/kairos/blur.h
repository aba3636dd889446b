/* SPDX-License-Identifier: MIT */

/* Blur: a picture is made smaller by a factor and large again, bilinearly (Achille, Rovere and Soatto 2019: 32 x 32 to
 * 8 x 8 and back).
 *
 *   kairos_picture_blur (shape, 4, image, scratch);
 *
 * The same for the clip that trains on such pictures and for whatever asks what they do to a network.  Any thread.
 */
#pragma once

#include <kairos/network.h>

G_BEGIN_DECLS

/* image: H x W x C, changed in place; scratch: twice as large.  A factor that leaves its size as it is, such as 1, does
 * nothing. */
void kairos_picture_blur (KairosShape shape, float factor, float *image, float *scratch);

G_END_DECLS
