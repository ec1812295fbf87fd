/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/queue.h"

#define NONE QUEUE_NONE

/* A debt is forgiven beyond so many quanta: one request that was slow by accident must not cost its flow seconds. */
#define MOST_DEBT 16

/* So many in a row go before those that take turns: these must not starve however many others come. */
#define MOST_SPARSE 8

/* Where a flow stands. */
enum place {
	ASIDE,  /* in no list: nothing waits, or what waits may not be picked now */
	SPARSE, /* had nothing waiting a moment ago */
	TURNS,  /* takes its turn */
	PLACES,
};

/* A flow lives while items of it wait or run, and for its last turn. Lists and chains are numbers of flows and items. */
struct flow {
	uint64_t key;
	uint32_t next_in_bucket;
	uint32_t before, after; /* in its list */
	uint32_t first, last;   /* items */
	unsigned running;
	int64_t balance;
	enum place place;
};

struct item {
	uint32_t flow;
	uint32_t before, after;
};

struct list {
	uint32_t first, last;
};

struct Queue {
	unsigned n, most_running, length;
	unsigned sparse; /* were picked in a row */
	int64_t quantum;
	struct flow *flows;
	struct item *items;
	uint32_t *buckets;
	uint32_t unused; /* flows, chained by next_in_bucket */
	struct list lists[PLACES];
};

Queue *queue_new(unsigned items, int64_t quantum, unsigned most_running)
{
	Queue *queue = g_new0(Queue, 1);

	queue->n = items;
	queue->quantum = quantum;
	queue->most_running = most_running;
	queue->flows = g_new0(struct flow, items);
	queue->items = g_new0(struct item, items);
	queue->buckets = g_new(uint32_t, items);
	for (unsigned i = 0; i < items; i++) {
		queue->buckets[i] = NONE;
		queue->flows[i].next_in_bucket = i + 1 < items ? i + 1 : NONE;
	}
	for (unsigned i = 0; i < PLACES; i++)
		queue->lists[i] = (struct list){ NONE, NONE };
	return queue;
}

void queue_free(Queue *queue)
{
	g_free(queue->buckets);
	g_free(queue->items);
	g_free(queue->flows);
	g_free(queue);
}

unsigned queue_length(const Queue *queue)
{
	return queue->length;
}

/* ---- lists of flows ---- */

static void list_remove(Queue *queue, uint32_t number)
{
	struct flow *flow = &queue->flows[number];
	struct list *list = &queue->lists[flow->place];

	if (flow->place == ASIDE)
		return;
	*(flow->before == NONE ? &list->first : &queue->flows[flow->before].after) = flow->after;
	*(flow->after == NONE ? &list->last : &queue->flows[flow->after].before) = flow->before;
	flow->place = ASIDE;
}

/* At the end of a list, wherever it was. */
static void list_append(Queue *queue, uint32_t number, enum place place)
{
	struct flow *flow = &queue->flows[number];
	struct list *list = &queue->lists[place];

	list_remove(queue, number);
	flow->before = list->last;
	flow->after = NONE;
	*(list->last == NONE ? &list->first : &queue->flows[list->last].after) = number;
	list->last = number;
	flow->place = place;
}

/* ---- flows by key ---- */

static uint32_t *bucket_of(const Queue *queue, uint64_t key)
{
	return &queue->buckets[(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) % queue->n];
}

static uint32_t find(const Queue *queue, uint64_t key)
{
	uint32_t number = *bucket_of(queue, key);

	while (number != NONE && queue->flows[number].key != key)
		number = queue->flows[number].next_in_bucket;
	return number;
}

/* Nothing of it waits or runs. */
static void release(Queue *queue, uint32_t number)
{
	uint32_t *link = bucket_of(queue, queue->flows[number].key);

	list_remove(queue, number);
	while (*link != number)
		link = &queue->flows[*link].next_in_bucket;
	*link = queue->flows[number].next_in_bucket;
	queue->flows[number].next_in_bucket = queue->unused;
	queue->unused = number;
}

static void release_idle(Queue *queue, enum place place)
{
	uint32_t number = queue->lists[place].first;

	while (number != NONE) {
		const struct flow *flow = &queue->flows[number];
		uint32_t after = flow->after;

		if (flow->first == NONE && flow->running == 0)
			release(queue, number);
		number = after;
	}
}

/* There are as many flows as items, so where all are taken and an item is free, one only waits for its last turn. */
static void make_room(Queue *queue)
{
	if (queue->unused != NONE)
		return;
	release_idle(queue, SPARSE);
	release_idle(queue, TURNS);
}

static uint32_t find_or_make(Queue *queue, uint64_t key)
{
	uint32_t number = find(queue, key);
	uint32_t *bucket = bucket_of(queue, key);

	if (number != NONE)
		return number;
	make_room(queue);
	number = queue->unused;
	g_assert(number != NONE);
	queue->unused = queue->flows[number].next_in_bucket;
	queue->flows[number] = (struct flow){
		.key = key, .next_in_bucket = *bucket, .first = NONE, .last = NONE, .balance = queue->quantum
	};
	*bucket = number;
	return number;
}

static bool may_run(const Queue *queue, const struct flow *flow)
{
	return flow->first != NONE && flow->running < queue->most_running;
}

bool queue_is_full(const Queue *queue, uint64_t key)
{
	uint32_t number = find(queue, key);

	return number != NONE && queue->flows[number].running >= queue->most_running;
}

/* ---- items ---- */

static void item_remove(Queue *queue, uint32_t item)
{
	struct item *self = &queue->items[item];
	struct flow *flow = &queue->flows[self->flow];

	*(self->before == NONE ? &flow->first : &queue->items[self->before].after) = self->after;
	*(self->after == NONE ? &flow->last : &queue->items[self->after].before) = self->before;
	queue->length--;
}

void queue_push(Queue *queue, uint64_t key, uint32_t item)
{
	uint32_t number = find_or_make(queue, key);
	struct flow *flow = &queue->flows[number];

	queue->items[item] = (struct item){ .flow = number, .before = flow->last, .after = NONE };
	*(flow->last == NONE ? &flow->first : &queue->items[flow->last].after) = item;
	flow->last = item;
	queue->length++;
	if (flow->place == ASIDE && may_run(queue, flow))
		list_append(queue, number, SPARSE);
}

/* Nothing of it waits or runs. It stays for a turn, so that it does not come back as one that seldom asks. */
static void leave(Queue *queue, uint32_t number)
{
	struct flow *flow = &queue->flows[number];

	if (flow->place == SPARSE)
		list_append(queue, number, TURNS);
	else if (flow->running > 0 || flow->first != NONE)
		list_remove(queue, number);
	else
		release(queue, number);
}

static uint32_t next_flow(const Queue *queue)
{
	uint32_t sparse = queue->lists[SPARSE].first;
	uint32_t turns = queue->lists[TURNS].first;

	return sparse == NONE || (queue->sparse >= MOST_SPARSE && turns != NONE) ? turns : sparse;
}

/* It is a running one from now on. */
static uint32_t take(Queue *queue, struct flow *flow)
{
	uint32_t item = flow->first;

	item_remove(queue, item);
	flow->running++;
	queue->sparse = flow->place == SPARSE ? queue->sparse + 1 : 0;
	return item;
}

uint32_t queue_pick(Queue *queue)
{
	uint32_t number;

	while ((number = next_flow(queue)) != NONE) {
		struct flow *flow = &queue->flows[number];

		if (flow->balance <= 0) {
			flow->balance += queue->quantum;
			list_append(queue, number, TURNS);
		} else if (!may_run(queue, flow)) {
			leave(queue, number);
		} else {
			return take(queue, flow);
		}
	}
	return NONE;
}

void queue_adopt(Queue *queue, uint64_t key, uint32_t item)
{
	uint32_t number = find_or_make(queue, key);

	queue->items[item].flow = number;
	queue->flows[number].running++;
}

/* A flow that stood aside takes turns again where it may, or goes. */
static void settle(Queue *queue, uint32_t number)
{
	struct flow *flow = &queue->flows[number];

	if (flow->place != ASIDE)
		return;
	if (may_run(queue, flow))
		list_append(queue, number, TURNS);
	else if (flow->running == 0 && flow->first == NONE)
		release(queue, number);
}

void queue_done(Queue *queue, uint32_t item, int64_t cost)
{
	uint32_t number = queue->items[item].flow;
	struct flow *flow = &queue->flows[number];

	flow->running--;
	flow->balance = MAX(flow->balance - cost, -MOST_DEBT * queue->quantum);
	settle(queue, number);
}

void queue_remove(Queue *queue, uint32_t item)
{
	uint32_t number = queue->items[item].flow;

	item_remove(queue, item);
	if (queue->flows[number].first == NONE && queue->flows[number].place != ASIDE)
		leave(queue, number);
	else
		settle(queue, number);
}
