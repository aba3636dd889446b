/* SPDX-License-Identifier: MIT */

/* The names of all types that are handed on as pointers, so that no header includes another for the sake of one.  What
 * each is, and who owns one, is told where it is made: in the header named beside it.
 *
 *   KairosShape shape = { .height = 28, .width = 28, .channels = 1 };
 *   g_autofree float *input = g_new (float, kairos_shape_size (shape));
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _KairosPool KairosPool;   /* pool.h */
typedef struct _KairosParam KairosParam; /* param.h */

typedef struct _KairosNetwork KairosNetwork;     /* network.h */
typedef struct _KairosExecutor KairosExecutor;   /* network.h */
typedef struct _KairosOutcome KairosOutcome;     /* network.h */
typedef struct _KairosOptimizer KairosOptimizer; /* optimizer.h */

typedef struct _KairosDataset KairosDataset; /* dataset.h */
typedef struct _KairosSplits KairosSplits;   /* dataset.h */
typedef struct _KairosFact KairosFact;       /* facts.h */
typedef struct _KairosFacts KairosFacts;     /* facts.h */
typedef struct _KairosQuery KairosQuery;     /* query.h */

typedef struct _KairosSketch KairosSketch;               /* sketch.h */
typedef struct _KairosSketchPicture KairosSketchPicture; /* sketch.h */

typedef struct _KairosTimeline KairosTimeline;   /* timeline.h */
typedef struct _KairosTransform KairosTransform; /* regime.h */
typedef struct _KairosLabeling KairosLabeling;   /* regime.h */
typedef struct _KairosPlanClip KairosPlanClip;   /* regime.h: a clip made ready, known to its kind alone */
typedef struct _KairosPlan KairosPlan;           /* plan.h */
typedef struct _KairosSampler KairosSampler;     /* sampler.h */

typedef struct _KairosProbeContext KairosProbeContext; /* probe.h */
typedef struct _KairosReading KairosReading;           /* probe.h */

typedef struct _KairosConfig KairosConfig;   /* config.h */
typedef struct _KairosTrainer KairosTrainer; /* trainer.h */
typedef struct _KairosSession KairosSession; /* session.h */
typedef struct _KairosRunLog KairosRunLog;   /* run-log.h */
typedef struct _KairosRunner KairosRunner;   /* runner.h */
typedef struct _KairosWorker KairosWorker;   /* worker.h */

typedef struct _KairosSeries KairosSeries; /* metrics.h */

/* The one value among them: of a sample, a picture, an activation. */
typedef struct {
  int height, width, channels;
} KairosShape;

static inline gsize
kairos_shape_size (KairosShape shape)
{
  return (gsize) shape.height * shape.width * shape.channels;
}

G_END_DECLS
