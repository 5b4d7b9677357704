// SPDX-License-Identifier: GPL-2.0-or-later
//
// host.h - runtime/socket_names.h for a user program, with the declarations that it needs
#ifndef HOST_H
#define HOST_H

#include <netinet/in.h>
#include <sys/socket.h>

// With these headers SOCKET_CHECK in the tables checks the numbers during the build.
#include <linux/can/raw.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/netlink.h>
#include <linux/sctp.h>
#include <linux/tipc.h>
#include <linux/tls.h>
#include <linux/udp.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/tcp.h>
// 5.10: check only enumerators that the headers of all C libraries have.
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE KERNEL_VERSION(5, 10, 0)
enum { TCP_NEW_SYN_RECV = 12 };
// from linux/net.h, which conflicts with sys/socket.h
enum { SS_FREE, SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED, SS_DISCONNECTING };

// The bits of Linux 6.12, which has the most.
#define SOCKWQ_ASYNC_NOSPACE 0
#define SOCKWQ_ASYNC_WAITDATA 1
#define SOCK_NOSPACE 2
#define SOCK_PASSCRED 3
#define SOCK_PASSSEC 4
#define SOCK_SUPPORT_ZC 5
#define SOCK_CUSTOM_SOCKOPT 6
#define SOCK_PASSPIDFD 7
#include "../../runtime/socket_names.h"

#endif
