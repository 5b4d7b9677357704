/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes 100 messages of 10 bytes, half of them with send(2), half with write(2). */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	char data[10] = "", room[100];
	int pair[2], i;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return 1;
	for (i = 0; i < 50; i++) {
		if (send(pair[0], data, sizeof(data), 0) != sizeof(data) ||
		    recv(pair[1], room, sizeof(room), 0) != sizeof(data))
			return 1;
		if (write(pair[0], data, sizeof(data)) != sizeof(data) ||
		    read(pair[1], room, sizeof(room)) != sizeof(data))
			return 1;
	}
	return 0;
}
