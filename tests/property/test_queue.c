/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of taking turns, whoever asks for what: nothing is lost, nobody starves, and who
 * always asks gets the same time as the others who do.
 */
#include "fs/serve/queue.h"
#include "tests/property/view_random.h"

#define ITEMS     64
#define QUANTUM   100
#define MOST_COST 700
#define ROUNDS    300

struct world {
	struct random_case random;
	Queue *queue;
	uint32_t unused[ITEMS];
	unsigned n_unused;
};

static uint32_t below(struct world *world, uint32_t bound)
{
	return (uint32_t)g_rand_int_range(world->random.rand, 0, (gint32)bound);
}

#define CHECK(world, condition) check(&(world)->random, condition, "the queue")

static void begin(struct world *world, uint32_t seed, unsigned most_running)
{
	*world = (struct world){ .random = { g_rand_new_with_seed(seed), seed },
				 .queue = queue_new(ITEMS, QUANTUM, most_running) };
	for (uint32_t i = 0; i < ITEMS; i++)
		world->unused[world->n_unused++] = i;
}

static void end(struct world *world)
{
	queue_free(world->queue);
	g_rand_free(world->random.rand);
}

/* ---- nothing is lost: against lists of plain numbers ---- */

enum where { UNUSED, WAITS, RUNS };

struct model {
	enum where where[ITEMS];
	uint64_t key[ITEMS];
	unsigned order[ITEMS]; /* of waiting */
	unsigned n, waiting;
};

static unsigned running_of(const struct model *model, uint64_t key)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ITEMS; i++)
		n += model->where[i] == RUNS && model->key[i] == key;
	return n;
}

static bool is_first_of_flow(const struct model *model, uint32_t item)
{
	for (unsigned i = 0; i < ITEMS; i++)
		if (model->where[i] == WAITS && model->key[i] == model->key[item] &&
		    model->order[i] < model->order[item])
			return false;
	return true;
}

static void push(struct world *world, struct model *model, uint32_t item)
{
	model->key[item] = below(world, 6);
	model->order[item] = model->n++;
	model->where[item] = WAITS;
	model->waiting++;
	queue_push(world->queue, model->key[item], item);
}

static void pick(struct world *world, struct model *model, unsigned most)
{
	uint32_t item = queue_pick(world->queue);

	if (item == QUEUE_NONE) {
		for (unsigned i = 0; i < ITEMS; i++)
			CHECK(world, model->where[i] != WAITS || running_of(model, model->key[i]) >= most);
		return;
	}
	CHECK(world, model->where[item] == WAITS && is_first_of_flow(model, item));
	CHECK(world, running_of(model, model->key[item]) < most);
	model->where[item] = RUNS;
	model->waiting--;
}

/* Something that happens to an item, as its state allows. */
static void disturb(struct world *world, struct model *model, uint32_t item)
{
	switch (model->where[item]) {
	case UNUSED:
		push(world, model, item);
		break;
	case RUNS:
		queue_done(world->queue, item, below(world, MOST_COST));
		model->where[item] = UNUSED;
		break;
	case WAITS:
		if (below(world, 8))
			break;
		queue_remove(world->queue, item);
		model->where[item] = UNUSED;
		model->waiting--;
		break;
	}
}

static void nothing_is_lost(void **state)
{
	uint32_t seed = random_first_seed();

	for (unsigned i = 0; i < CASES / 20; i++) {
		unsigned most = 1 + i % 3;
		struct model model = { 0 };
		struct world world;

		begin(&world, seed + i, most);
		for (unsigned round = 0; round < ROUNDS; round++) {
			disturb(&world, &model, below(&world, ITEMS));
			if (below(&world, 2))
				pick(&world, &model, most);
			CHECK(&world, queue_length(world.queue) == model.waiting);
		}
		end(&world);
	}
}

/* ---- those who always ask ---- */

struct flow {
	int64_t least_cost, most_cost; /* of its requests */
	int64_t had;                   /* so much has it cost */
	int64_t waited;                /* what others had since its last turn */
};

#define FLOWS 5

/* Serves one request; the flow that it was of. `keys` says whose each item is. */
static uint64_t serve(struct world *world, struct flow *flows, const uint64_t *keys)
{
	uint32_t item = queue_pick(world->queue);
	uint64_t key;
	int64_t cost;

	CHECK(world, item != QUEUE_NONE);
	key = keys[item];
	cost = key < FLOWS ? g_rand_int_range(world->random.rand, (gint32)flows[key].least_cost,
					      (gint32)flows[key].most_cost + 1)
			   : QUANTUM;
	queue_done(world->queue, item, cost);
	world->unused[world->n_unused++] = item;
	for (unsigned i = 0; i < FLOWS; i++)
		flows[i].waited += cost;
	if (key < FLOWS) {
		flows[key].had += cost;
		flows[key].waited = 0;
	}
	return key;
}

static void push_one(struct world *world, uint64_t *keys, uint64_t key)
{
	uint32_t item = world->unused[--world->n_unused];

	keys[item] = key;
	queue_push(world->queue, key, item);
}

/* The debt of a request is paid off in so many turns, in each of which each other flow has a quantum and a request. */
#define TURNS   (MOST_COST / QUANTUM + 2)
#define LONGEST (TURNS * FLOWS * (QUANTUM + MOST_COST))

static void set_flows(struct world *world, int64_t least_cost, struct flow flows[FLOWS], uint64_t *keys)
{
	for (unsigned i = 0; i < FLOWS; i++) {
		flows[i] = (struct flow){ .least_cost = least_cost,
					  .most_cost = least_cost + below(world, (uint32_t)(MOST_COST - least_cost)) };
		for (unsigned n = 1 + below(world, 8); n > 0; n--)
			push_one(world, keys, i);
	}
}

static void who_always_asks_gets_the_same_time(void **state)
{
	uint32_t seed = random_first_seed();

	for (unsigned i = 0; i < CASES / 100; i++) {
		struct flow flows[FLOWS];
		uint64_t keys[ITEMS];
		struct world world;

		begin(&world, seed + i, 1);
		set_flows(&world, 1, flows, keys);
		for (unsigned round = 0; round < 20 * ROUNDS; round++) {
			/* In the beginning all are new, and those that are not any more go between them. */
			for (unsigned f = 0; f < FLOWS && round == 10 * ROUNDS; f++)
				flows[f].had = 0;
			push_one(&world, keys, serve(&world, flows, keys));
			for (unsigned f = 0; f < FLOWS; f++)
				CHECK(&world, flows[f].waited <= LONGEST);
		}
		for (unsigned f = 1; f < FLOWS; f++)
			CHECK(&world, ABS(flows[f].had - flows[0].had) <= 2 * (QUANTUM + MOST_COST));
		end(&world);
	}
}

/*
 * However many others come that never asked before: eight of them, at a quantum each, between two requests of those that take
 * turns, of which a turn has three at most.
 */
#define LEAST_COST (QUANTUM / 2)
#define PATIENCE   (TURNS * FLOWS * 3 * (MOST_COST + 8 * QUANTUM))

static void nobody_starves(void **state)
{
	uint32_t seed = random_first_seed();

	for (unsigned i = 0; i < CASES / 100; i++) {
		uint64_t keys[ITEMS], next = FLOWS;
		struct flow flows[FLOWS];
		struct world world;

		begin(&world, seed + i, 1);
		set_flows(&world, LEAST_COST, flows, keys);
		for (unsigned round = 0; round < 20 * ROUNDS; round++) {
			uint64_t key = serve(&world, flows, keys);

			push_one(&world, keys, key < FLOWS ? key : next++);
			while (world.n_unused > 0)
				push_one(&world, keys, next++);
			for (unsigned f = 0; f < FLOWS; f++)
				CHECK(&world, flows[f].waited <= PATIENCE);
		}
		end(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(who_always_asks_gets_the_same_time),
		cmocka_unit_test(nobody_starves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
