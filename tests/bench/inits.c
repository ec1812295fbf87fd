/* SPDX-License-Identifier: Apache-2.0
 *
 * inits N: that many processes that do nothing, for containers that need one. Their numbers are printed; they end with this one,
 * and that ends with its standard input.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void be_an_init(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char byte;

	for (long i = 0; argc == 2 && i < atol(argv[1]); i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_an_init();
		if (pid < 0) {
			perror("inits");
			return EXIT_FAILURE;
		}
		printf("%d\n", (int)pid);
		fflush(stdout); /* or the next one has it as well */
	}
	return read(STDIN_FILENO, &byte, 1) != 0;
}
