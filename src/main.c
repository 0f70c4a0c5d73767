/* SPDX-License-Identifier: Apache-2.0 */
/* The entry: nothing but the command line. */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
