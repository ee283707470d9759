/* every.c, but each of its calls goes through trial.c. */
#include "trial_names.h"

#include "every.c"
