#include "handover.h"

void handover_give(struct handover *h, struct protection *context)
{
	/* One that was never taken is in nobody's use. */
	protection_close(atomic_exchange(&h->next, context));
}

bool handover_collect(struct handover *h)
{
	struct protection *old = atomic_exchange(&h->old, NULL);

	protection_close(old);
	return old != NULL;
}

struct protection *handover_take(struct handover *h)
{
	/* Once per packet: a load is cheaper than an exchange. */
	if (atomic_load_explicit(&h->next, memory_order_relaxed) == NULL)
		return NULL;
	return atomic_exchange(&h->next, NULL);
}

bool handover_return(struct handover *h, struct protection *context)
{
	struct protection *none = NULL;

	return atomic_compare_exchange_strong(&h->old, &none, context);
}
