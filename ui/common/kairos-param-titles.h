/* SPDX-License-Identifier: MIT */

/* For translators only, never compiled: the names and units of hyper-parameters as they appear on the rows.  The rows
 * themselves make them from the schema. */
N_ ("Batch")
N_ ("Drop every")
N_ ("Drop factor")
N_ ("Epochs")
N_ ("Fit")
N_ ("Label smoothing")
N_ ("Learning rate")
N_ ("Limit")
N_ ("Loss")
N_ ("Momentum")
N_ ("Optimizer")
N_ ("Schedule")
N_ ("Seed")
N_ ("Side")
N_ ("Warm up")
N_ ("Weight decay")
N_ ("epochs")
N_ ("pixels")
N_ ("samples")
