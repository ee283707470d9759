/* every.c with each call made through trial.c. */
#include "trial_names.h"

#include "every.c"
