/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: names and their numbers.
 *
 * The functions of socket_names.stp use these lists.  tables.awk makes from them the table for
 * readers (socket-names.txt), and a check that the headers of a build have the same numbers.
 * Names may be added, but none changes or is removed.  A name has its number also on kernels
 * that do not define it.
 */
#ifndef SOCKET_TAPSET_TABLES_H
#define SOCKET_TAPSET_TABLES_H

#define SOCKET_NO_NAMES(X)

/*
 * These architectures have their own numbers of socket options and errors.  On them the
 * options of level SOCKET (65535, not 1) and errors have no names.
 */
#if !defined(__alpha__) && !defined(__hppa__) && !defined(__mips__) && \
	!defined(__sparc__)
#define SOCKET_GENERIC_NUMBERS
#endif

/* ------------------------------------------------------------- the basic ones */

/*
 * IANA's protocol numbers, spelled as in the distributed tapset.  That took them from an old
 * /etc/protocols, whose names of 33, 48, 50, 51 and 127 are not IANA's; these are second names
 * here.  IANA has no keyword for 61, 63, 68, 99 and 114.  Numbers from 255 on are Linux's own.
 */
#define SOCKET_PROTOCOLS(X)						\
	X(0, "IP") X(1, "ICMP") X(2, "IGMP") X(3, "GGP")		\
	X(4, "IPENCAP") X(5, "ST") X(6, "TCP") X(7, "CBT") X(8, "EGP")	\
	X(9, "IGP") X(10, "BBN-RCC") X(11, "NVP") X(12, "PUP")		\
	X(13, "ARGUS") X(14, "EMCON") X(15, "XNET") X(16, "CHAOS")	\
	X(17, "UDP") X(18, "MUX") X(19, "DCN") X(20, "HMP")		\
	X(21, "PRM") X(22, "XNS-IDP") X(23, "TRUNK-1")			\
	X(24, "TRUNK-2") X(25, "LEAF-1") X(26, "LEAF-2") X(27, "RDP")	\
	X(28, "IRTP") X(29, "ISO-TP4") X(30, "NETBLT")			\
	X(31, "MFE-NSP") X(32, "MERIT-INP") X(33, "DCCP") X(34, "3PC")	\
	X(35, "IDPR") X(36, "XTP") X(37, "DDP") X(38, "IDPR-CMTP")	\
	X(39, "TP++") X(40, "IL") X(41, "IPV6") X(42, "SDRP")		\
	X(43, "IPV6-ROUTE") X(44, "IPV6-FRAG") X(45, "IDRP")		\
	X(46, "RSVP") X(47, "GRE") X(48, "DSR") X(49, "BNA")		\
	X(50, "ESP") X(51, "AH") X(52, "I-NLSP") X(53, "SWIPE")		\
	X(54, "NARP") X(55, "MOBILE") X(56, "TLSP") X(57, "SKIP")	\
	X(58, "IPV6-ICMP") X(59, "IPV6-NONXT") X(60, "IPV6-OPTS")	\
	X(62, "CFTP") X(64, "SAT-EXPAK") X(65, "KRYPTOLAN")		\
	X(66, "RVD") X(67, "IPPC") X(69, "SAT-MON") X(70, "VISA")	\
	X(71, "IPCV") X(72, "CPNX") X(73, "CPHB") X(74, "WSN")		\
	X(75, "PVP") X(76, "BR-SAT-MON") X(77, "SUN-ND")		\
	X(78, "WB-MON") X(79, "WB-EXPAK") X(80, "ISO-IP")		\
	X(81, "VMTP") X(82, "SECURE-VMTP") X(83, "VINES") X(84, "TTP")	\
	X(85, "NSFNET-IGP") X(86, "DGP") X(87, "TCF") X(88, "EIGRP")	\
	X(89, "OSPF") X(90, "SPRITE-RPC") X(91, "LARP") X(92, "MTP")	\
	X(93, "AX.25") X(94, "IPIP") X(95, "MICP") X(96, "SCC-SP")	\
	X(97, "ETHERIP") X(98, "ENCAP") X(100, "GMTP") X(101, "IFMP")	\
	X(102, "PNNI") X(103, "PIM") X(104, "ARIS") X(105, "SCPS")	\
	X(106, "QNX") X(107, "A/N") X(108, "IPCOMP") X(109, "SNP")	\
	X(110, "COMPAQ-PEER") X(111, "IPX-IN-IP") X(112, "VRRP")	\
	X(113, "PGM") X(115, "L2TP") X(116, "DDX") X(117, "IATP")	\
	X(118, "STP") X(119, "SRP") X(120, "UTI") X(121, "SMP")		\
	X(122, "SM") X(123, "PTP") X(124, "ISIS") X(125, "FIRE")	\
	X(126, "CRTP") X(127, "CRUDP") X(128, "SSCOPMCE")		\
	X(129, "IPLT") X(130, "SPS") X(131, "PIPE") X(132, "SCTP")	\
	X(133, "FC") X(134, "RSVP-E2E-IGNORE")				\
	X(135, "Mobility-Header") X(136, "UDPLite")			\
	X(137, "MPLS-IN-IP") X(138, "MANET") X(139, "HIP")		\
	X(140, "SHIM6") X(141, "WESP") X(142, "ROHC")			\
	X(143, "ETHERNET") X(144, "AGGFRAG") X(145, "NSH")		\
	X(146, "HOMA") X(147, "BIT-EMU") X(255, "RAW") X(256, "SMC")	\
	X(262, "MPTCP")

/* Other names in IANA's list, /etc/protocols and linux/in.h. */
#define SOCKET_PROTOCOL_SECOND_NAMES(X)					\
	X(0, "HOPOPT") X(0, "HOPOPTS") X(4, "IP-ENCAP") X(4, "IPV4")	\
	X(10, "BBN-RCC-MON") X(11, "NVP-II") X(19, "DCN-MEAS")		\
	X(22, "IDP") X(29, "TP") X(33, "SEP")				\
	X(43, "ROUTING") X(44, "FRAGMENT") X(48, "MHRP")		\
	X(50, "IPSEC-ESP") X(50, "IPV6-CRYPT") X(51, "IPSEC-AH")	\
	X(51, "IPV6-AUTH") X(55, "MIN-IPV4") X(58, "ICMPV6")		\
	X(59, "NONE") X(60, "DSTOPTS") X(73, "RSPF") X(84, "IPTM")	\
	X(89, "OSPFIGP") X(94, "BEETPH") X(108, "COMP")			\
	X(127, "CRDUP") X(135, "MH") X(137, "MPLS")

/* IPPROTO_IPIP is another protocol than IPIP. */
#define SOCKET_PROTOCOL_PREFIXED_NAMES(X)				\
	X(4, "IPIP")

/* linux/socket.h */
#define SOCKET_FAMILIES(X)						\
	X(0, "UNSPEC") X(1, "LOCAL") X(2, "INET") X(3, "AX25")		\
	X(4, "IPX") X(5, "APPLETALK") X(6, "NETROM") X(7, "BRIDGE")	\
	X(8, "ATMPVC") X(9, "X25") X(10, "INET6") X(11, "ROSE")		\
	X(12, "DECNET") X(13, "NETBEUI") X(14, "SECURITY")		\
	X(15, "KEY") X(16, "NETLINK") X(17, "PACKET") X(18, "ASH")	\
	X(19, "ECONET") X(20, "ATMSVC") X(21, "RDS") X(22, "SNA")	\
	X(23, "IRDA") X(24, "PPPOX") X(25, "WANPIPE") X(26, "LLC")	\
	X(27, "IB") X(28, "MPLS") X(29, "CAN") X(30, "TIPC")		\
	X(31, "BLUETOOTH") X(32, "IUCV") X(33, "RXRPC") X(34, "ISDN")	\
	X(35, "PHONET") X(36, "IEEE802154") X(37, "CAIF") X(38, "ALG")	\
	X(39, "NFC") X(40, "VSOCK") X(41, "KCM") X(42, "QIPCRTR")	\
	X(43, "SMC") X(44, "XDP") X(45, "MCTP")

#define SOCKET_FAMILY_SECOND_NAMES(X)					\
	X(1, "UNIX") X(1, "FILE") X(16, "ROUTE")

/* enum socket_state of linux/net.h */
#define SOCKET_STATES(X)						\
	X(0, "FREE") X(1, "UNCONNECTED") X(2, "CONNECTING")		\
	X(3, "CONNECTED") X(4, "DISCONNECTING")

/* enum sock_type of linux/net.h; MIPS has 1 and 2 the other way round. */
#if defined(__mips__)
#define SOCKET_TYPE_STREAM 2
#define SOCKET_TYPE_DGRAM 1
#else
#define SOCKET_TYPE_STREAM 1
#define SOCKET_TYPE_DGRAM 2
#endif
#define SOCKET_TYPES(X)							\
	X(SOCKET_TYPE_STREAM, "STREAM") X(SOCKET_TYPE_DGRAM, "DGRAM")	\
	X(3, "RAW") X(4, "RDM") X(5, "SEQPACKET") X(6, "DCCP")		\
	X(10, "PACKET")

/*
 * MSG_* of linux/socket.h, one name for each bit.  Second names: TRYHARD is DONTROUTE, EOF is
 * FIN, and in sendpage 0x10000 is SENDPAGE_NOPOLICY.  6.5 removed sendpage and
 * SENDPAGE_NOTLAST.
 */
#define SOCKET_MESSAGE_FLAGS(X)						\
	X(0x1, "OOB") X(0x2, "PEEK") X(0x4, "DONTROUTE")		\
	X(0x8, "CTRUNC") X(0x10, "PROBE") X(0x20, "TRUNC")		\
	X(0x40, "DONTWAIT") X(0x80, "EOR") X(0x100, "WAITALL")		\
	X(0x200, "FIN") X(0x400, "SYN") X(0x800, "CONFIRM")		\
	X(0x1000, "RST") X(0x2000, "ERRQUEUE") X(0x4000, "NOSIGNAL")	\
	X(0x8000, "MORE") X(0x10000, "WAITFORONE")			\
	X(0x20000, "SENDPAGE_NOTLAST") X(0x40000, "BATCH")		\
	X(0x80000, "NO_SHARED_FRAGS")					\
	X(0x100000, "SENDPAGE_DECRYPTED")				\
	X(0x2000000, "SOCK_DEVMEM") X(0x4000000, "ZEROCOPY")		\
	X(0x8000000, "SPLICE_PAGES") X(0x20000000, "FASTOPEN")		\
	X(0x40000000, "CMSG_CLOEXEC") X(0x80000000, "CMSG_COMPAT")

#define SOCKET_MESSAGE_FLAG_SECOND_NAMES(X)				\
	X(0x4, "TRYHARD") X(0x10, "PROXY") X(0x200, "EOF")		\
	X(0x10000, "SENDPAGE_NOPOLICY")

/*
 * net/tcp_states.h.  The last one exists since 6.8, for sock_diag(7) only.  The second names
 * are those of ss(8) and RFC 9293.
 */
#define SOCKET_TCP_STATES(X)						\
	X(1, "ESTABLISHED") X(2, "SYN_SENT") X(3, "SYN_RECV")		\
	X(4, "FIN_WAIT1") X(5, "FIN_WAIT2") X(6, "TIME_WAIT")		\
	X(7, "CLOSE") X(8, "CLOSE_WAIT") X(9, "LAST_ACK")		\
	X(10, "LISTEN") X(11, "CLOSING") X(12, "NEW_SYN_RECV")		\
	X(13, "BOUND_INACTIVE")

#define SOCKET_TCP_STATE_SECOND_NAMES(X)				\
	X(1, "ESTAB") X(2, "SYN-SENT") X(3, "SYN-RECV")			\
	X(3, "SYN_RECEIVED") X(4, "FIN-WAIT-1") X(4, "FIN_WAIT_1")	\
	X(5, "FIN-WAIT-2") X(5, "FIN_WAIT_2") X(6, "TIME-WAIT")		\
	X(7, "UNCONN") X(7, "CLOSED") X(8, "CLOSE-WAIT")		\
	X(9, "LAST-ACK")

/* enum sock_shutdown_cmd of linux/net.h */
#define SOCKET_SHUTDOWNS(X)						\
	X(0, "RD") X(1, "WR") X(2, "RDWR")

/* ------------------------------------------------------------- errors */

/*
 * asm-generic/errno.h; from 512 on linux/errno.h, codes that the kernel uses internally.
 */
#ifdef SOCKET_GENERIC_NUMBERS
#define SOCKET_ERRORS(X)						\
	X(1, "EPERM") X(2, "ENOENT") X(3, "ESRCH") X(4, "EINTR")	\
	X(5, "EIO") X(6, "ENXIO") X(7, "E2BIG") X(8, "ENOEXEC")		\
	X(9, "EBADF") X(10, "ECHILD") X(11, "EAGAIN") X(12, "ENOMEM")	\
	X(13, "EACCES") X(14, "EFAULT") X(15, "ENOTBLK")		\
	X(16, "EBUSY") X(17, "EEXIST") X(18, "EXDEV") X(19, "ENODEV")	\
	X(20, "ENOTDIR") X(21, "EISDIR") X(22, "EINVAL")		\
	X(23, "ENFILE") X(24, "EMFILE") X(25, "ENOTTY")			\
	X(26, "ETXTBSY") X(27, "EFBIG") X(28, "ENOSPC")			\
	X(29, "ESPIPE") X(30, "EROFS") X(31, "EMLINK") X(32, "EPIPE")	\
	X(33, "EDOM") X(34, "ERANGE") X(35, "EDEADLK")			\
	X(36, "ENAMETOOLONG") X(37, "ENOLCK") X(38, "ENOSYS")		\
	X(39, "ENOTEMPTY") X(40, "ELOOP") X(42, "ENOMSG")		\
	X(43, "EIDRM") X(44, "ECHRNG") X(45, "EL2NSYNC")		\
	X(46, "EL3HLT") X(47, "EL3RST") X(48, "ELNRNG")			\
	X(49, "EUNATCH") X(50, "ENOCSI") X(51, "EL2HLT")		\
	X(52, "EBADE") X(53, "EBADR") X(54, "EXFULL") X(55, "ENOANO")	\
	X(56, "EBADRQC") X(57, "EBADSLT") X(59, "EBFONT")		\
	X(60, "ENOSTR") X(61, "ENODATA") X(62, "ETIME")			\
	X(63, "ENOSR") X(64, "ENONET") X(65, "ENOPKG")			\
	X(66, "EREMOTE") X(67, "ENOLINK") X(68, "EADV")			\
	X(69, "ESRMNT") X(70, "ECOMM") X(71, "EPROTO")			\
	X(72, "EMULTIHOP") X(73, "EDOTDOT") X(74, "EBADMSG")		\
	X(75, "EOVERFLOW") X(76, "ENOTUNIQ") X(77, "EBADFD")		\
	X(78, "EREMCHG") X(79, "ELIBACC") X(80, "ELIBBAD")		\
	X(81, "ELIBSCN") X(82, "ELIBMAX") X(83, "ELIBEXEC")		\
	X(84, "EILSEQ") X(85, "ERESTART") X(86, "ESTRPIPE")		\
	X(87, "EUSERS") X(88, "ENOTSOCK") X(89, "EDESTADDRREQ")		\
	X(90, "EMSGSIZE") X(91, "EPROTOTYPE") X(92, "ENOPROTOOPT")	\
	X(93, "EPROTONOSUPPORT") X(94, "ESOCKTNOSUPPORT")		\
	X(95, "EOPNOTSUPP") X(96, "EPFNOSUPPORT")			\
	X(97, "EAFNOSUPPORT") X(98, "EADDRINUSE")			\
	X(99, "EADDRNOTAVAIL") X(100, "ENETDOWN")			\
	X(101, "ENETUNREACH") X(102, "ENETRESET")			\
	X(103, "ECONNABORTED") X(104, "ECONNRESET") X(105, "ENOBUFS")	\
	X(106, "EISCONN") X(107, "ENOTCONN") X(108, "ESHUTDOWN")	\
	X(109, "ETOOMANYREFS") X(110, "ETIMEDOUT")			\
	X(111, "ECONNREFUSED") X(112, "EHOSTDOWN")			\
	X(113, "EHOSTUNREACH") X(114, "EALREADY")			\
	X(115, "EINPROGRESS") X(116, "ESTALE") X(117, "EUCLEAN")	\
	X(118, "ENOTNAM") X(119, "ENAVAIL") X(120, "EISNAM")		\
	X(121, "EREMOTEIO") X(122, "EDQUOT") X(123, "ENOMEDIUM")	\
	X(124, "EMEDIUMTYPE") X(125, "ECANCELED") X(126, "ENOKEY")	\
	X(127, "EKEYEXPIRED") X(128, "EKEYREVOKED")			\
	X(129, "EKEYREJECTED") X(130, "EOWNERDEAD")			\
	X(131, "ENOTRECOVERABLE") X(132, "ERFKILL")			\
	X(133, "EHWPOISON") X(134, "EFTYPE") X(512, "ERESTARTSYS")	\
	X(513, "ERESTARTNOINTR") X(514, "ERESTARTNOHAND")		\
	X(515, "ENOIOCTLCMD") X(516, "ERESTART_RESTARTBLOCK")		\
	X(517, "EPROBE_DEFER") X(518, "EOPENSTALE")			\
	X(519, "ENOPARAM") X(521, "EBADHANDLE") X(522, "ENOTSYNC")	\
	X(523, "EBADCOOKIE") X(524, "ENOTSUPP") X(525, "ETOOSMALL")	\
	X(526, "ESERVERFAULT") X(527, "EBADTYPE") X(528, "EJUKEBOX")	\
	X(529, "EIOCBQUEUED") X(530, "ERECALLCONFLICT")			\
	X(531, "ENOGRACE")
#else
#define SOCKET_ERRORS(X)
#endif

#if defined(__powerpc__)
#define SOCKET_ERROR_EDEADLOCK 58
#else
#define SOCKET_ERROR_EDEADLOCK 35
#endif
#define SOCKET_ERROR_SECOND_NAMES(X)					\
	X(11, "EWOULDBLOCK") X(SOCKET_ERROR_EDEADLOCK, "EDEADLOCK")

/* ------------------------------------------------------------- protocols by family */

/* linux/netlink.h; 17 is free. */
#define SOCKET_NETLINK_PROTOCOLS(X)					\
	X(0, "ROUTE") X(1, "UNUSED") X(2, "USERSOCK")			\
	X(3, "FIREWALL") X(4, "SOCK_DIAG") X(5, "NFLOG") X(6, "XFRM")	\
	X(7, "SELINUX") X(8, "ISCSI") X(9, "AUDIT")			\
	X(10, "FIB_LOOKUP") X(11, "CONNECTOR") X(12, "NETFILTER")	\
	X(13, "IP6_FW") X(14, "DNRTMSG") X(15, "KOBJECT_UEVENT")	\
	X(16, "GENERIC") X(18, "SCSITRANSPORT") X(19, "ECRYPTFS")	\
	X(20, "RDMA") X(21, "CRYPTO") X(22, "SMC")

#define SOCKET_NETLINK_PROTOCOL_SECOND_NAMES(X)				\
	X(4, "INET_DIAG")

/* linux/if_ether.h; in order of the numbers. */
#define SOCKET_ETHERTYPES(X)						\
	X(0x1, "802_3") X(0x2, "AX25") X(0x3, "ALL") X(0x4, "802_2")	\
	X(0x5, "SNAP") X(0x6, "DDCMP") X(0x7, "WAN_PPP")		\
	X(0x8, "PPP_MP") X(0x9, "LOCALTALK") X(0xc, "CAN")		\
	X(0xd, "CANFD") X(0xe, "CANXL") X(0x10, "PPPTALK")		\
	X(0x11, "TR_802_2") X(0x15, "MOBITEX") X(0x16, "CONTROL")	\
	X(0x17, "IRDA") X(0x18, "ECONET") X(0x19, "HDLC")		\
	X(0x1a, "ARCNET") X(0x1b, "DSA") X(0x1c, "TRAILER")		\
	X(0x60, "LOOP") X(0xf5, "PHONET") X(0xf6, "IEEE802154")		\
	X(0xf7, "CAIF") X(0xf8, "XDSA") X(0xf9, "MAP")			\
	X(0xfa, "MCTP") X(0xfe, "GRE_OSI") X(0x200, "PUP")		\
	X(0x201, "PUPAT") X(0x800, "IP") X(0x805, "X25")		\
	X(0x806, "ARP") X(0x8ff, "BPQ") X(0xa00, "IEEEPUP")		\
	X(0xa01, "IEEEPUPAT") X(0x22eb, "ERSPAN2") X(0x22f0, "TSN")	\
	X(0x4305, "BATMAN") X(0x6000, "DEC") X(0x6001, "DNA_DL")	\
	X(0x6002, "DNA_RC") X(0x6003, "DNA_RT") X(0x6004, "LAT")	\
	X(0x6005, "DIAG") X(0x6006, "CUST") X(0x6007, "SCA")		\
	X(0x6558, "TEB") X(0x8035, "RARP") X(0x809b, "ATALK")		\
	X(0x80f3, "AARP") X(0x8100, "8021Q") X(0x8137, "IPX")		\
	X(0x86dd, "IPV6") X(0x8808, "PAUSE") X(0x8809, "SLOW")		\
	X(0x883e, "WCCP") X(0x8847, "MPLS_UC") X(0x8848, "MPLS_MC")	\
	X(0x884c, "ATMMPOA") X(0x8863, "PPP_DISC")			\
	X(0x8864, "PPP_SES") X(0x886c, "LINK_CTL")			\
	X(0x8870, "8021AC") X(0x8884, "ATMFATE") X(0x888e, "PAE")	\
	X(0x8892, "PROFINET") X(0x8899, "REALTEK") X(0x88a2, "AOE")	\
	X(0x88a4, "ETHERCAT") X(0x88a8, "8021AD")			\
	X(0x88b5, "802_EX1") X(0x88be, "ERSPAN") X(0x88c3, "MXLGSW")	\
	X(0x88c7, "PREAUTH") X(0x88ca, "TIPC") X(0x88cc, "LLDP")	\
	X(0x88e3, "MRP") X(0x88e5, "MACSEC") X(0x88e7, "8021AH")	\
	X(0x88f5, "MVRP") X(0x88f7, "1588") X(0x88f8, "NCSI")		\
	X(0x88fb, "PRP") X(0x8902, "CFM") X(0x8906, "FCOE")		\
	X(0x890d, "TDLS") X(0x8914, "FIP") X(0x8915, "IBOE")		\
	X(0x8917, "80221") X(0x892f, "HSR") X(0x894f, "NSH")		\
	X(0x9000, "LOOPBACK") X(0x9100, "QINQ1") X(0x9200, "QINQ2")	\
	X(0x9300, "QINQ3") X(0x9988, "YT921X") X(0xdada, "EDSA")	\
	X(0xdadb, "DSA_8021Q") X(0xe001, "DSA_A5PSW")			\
	X(0xed3e, "IFE") X(0xfbfb, "AF_IUCV") X(0xfd3a, "NXP_NETC")

/* net/bluetooth/bluetooth.h */
#define SOCKET_BLUETOOTH_PROTOCOLS(X)					\
	X(0, "L2CAP") X(1, "HCI") X(2, "SCO") X(3, "RFCOMM")		\
	X(4, "BNEP") X(5, "CMTP") X(6, "HIDP") X(7, "AVDTP")		\
	X(8, "ISO")

/* linux/can.h */
#define SOCKET_CAN_PROTOCOLS(X)						\
	X(1, "RAW") X(2, "BCM") X(3, "TP16") X(4, "TP20")		\
	X(5, "MCNET") X(6, "ISOTP") X(7, "J1939")

/* linux/phonet.h */
#define SOCKET_PHONET_PROTOCOLS(X)					\
	X(0, "TRANSPORT") X(1, "PHONET") X(2, "PIPE")

/* linux/if_pppox.h */
#define SOCKET_PPPOX_PROTOCOLS(X)					\
	X(0, "OE") X(1, "OL2TP") X(2, "PPTP")

/* linux/nfc.h */
#define SOCKET_NFC_PROTOCOLS(X)						\
	X(0, "RAW") X(1, "LLCP")

/* net/smc.h, which is not a header for user space. */
#define SOCKET_SMC_PROTOCOLS(X)						\
	X(0, "SMC") X(1, "SMC6")

/* ------------------------------------------------------------- options */

/*
 * linux/socket.h.  SOL_VSOCK is for control messages; the level of vsock's options is
 * AF_VSOCK.
 */
#define SOCKET_LEVELS(X)						\
	X(0, "IP") X(1, "SOCKET") X(6, "TCP") X(17, "UDP")		\
	X(41, "IPV6") X(58, "ICMPV6") X(132, "SCTP")			\
	X(136, "UDPLITE") X(255, "RAW") X(256, "IPX") X(257, "AX25")	\
	X(258, "ATALK") X(259, "NETROM") X(260, "ROSE")			\
	X(261, "DECNET") X(262, "X25") X(263, "PACKET") X(264, "ATM") X(265, "AAL")	\
	X(266, "IRDA") X(267, "NETBEUI") X(268, "LLC") X(269, "DCCP")	\
	X(270, "NETLINK") X(271, "TIPC") X(272, "RXRPC")		\
	X(273, "PPPOL2TP") X(274, "BLUETOOTH") X(275, "PNPIPE")		\
	X(276, "RDS") X(277, "IUCV") X(278, "CAIF") X(279, "ALG")	\
	X(280, "NFC") X(281, "KCM") X(282, "TLS") X(283, "XDP")		\
	X(284, "MPTCP") X(285, "MCTP") X(286, "SMC") X(287, "VSOCK")

/* asm-generic/socket.h; six of them have other numbers on PowerPC. */
#if defined(__powerpc__)
#define SOCKET_SO_RCVLOWAT 16
#define SOCKET_SO_SNDLOWAT 17
#define SOCKET_SO_RCVTIMEO 18
#define SOCKET_SO_SNDTIMEO 19
#define SOCKET_SO_PASSCRED 20
#define SOCKET_SO_PEERCRED 21
#else
#define SOCKET_SO_PASSCRED 16
#define SOCKET_SO_PEERCRED 17
#define SOCKET_SO_RCVLOWAT 18
#define SOCKET_SO_SNDLOWAT 19
#define SOCKET_SO_RCVTIMEO 20
#define SOCKET_SO_SNDTIMEO 21
#endif
#ifdef SOCKET_GENERIC_NUMBERS
#define SOCKET_OPTIONS_SOCKET(X)					\
	X(1, "SO_DEBUG") X(2, "SO_REUSEADDR") X(3, "SO_TYPE")		\
	X(4, "SO_ERROR") X(5, "SO_DONTROUTE") X(6, "SO_BROADCAST")	\
	X(7, "SO_SNDBUF") X(8, "SO_RCVBUF") X(9, "SO_KEEPALIVE")	\
	X(10, "SO_OOBINLINE") X(11, "SO_NO_CHECK")			\
	X(12, "SO_PRIORITY") X(13, "SO_LINGER") X(14, "SO_BSDCOMPAT")	\
	X(15, "SO_REUSEPORT") X(SOCKET_SO_PASSCRED, "SO_PASSCRED")	\
	X(SOCKET_SO_PEERCRED, "SO_PEERCRED")				\
	X(SOCKET_SO_RCVLOWAT, "SO_RCVLOWAT")				\
	X(SOCKET_SO_SNDLOWAT, "SO_SNDLOWAT")				\
	X(SOCKET_SO_RCVTIMEO, "SO_RCVTIMEO")				\
	X(SOCKET_SO_SNDTIMEO, "SO_SNDTIMEO")				\
	X(22, "SO_SECURITY_AUTHENTICATION")				\
	X(23, "SO_SECURITY_ENCRYPTION_TRANSPORT")			\
	X(24, "SO_SECURITY_ENCRYPTION_NETWORK")				\
	X(25, "SO_BINDTODEVICE") X(26, "SO_ATTACH_FILTER")		\
	X(27, "SO_DETACH_FILTER") X(28, "SO_PEERNAME")			\
	X(29, "SO_TIMESTAMP") X(30, "SO_ACCEPTCONN")			\
	X(31, "SO_PEERSEC") X(32, "SO_SNDBUFFORCE")			\
	X(33, "SO_RCVBUFFORCE") X(34, "SO_PASSSEC")			\
	X(35, "SO_TIMESTAMPNS") X(36, "SO_MARK")			\
	X(37, "SO_TIMESTAMPING") X(38, "SO_PROTOCOL")			\
	X(39, "SO_DOMAIN") X(40, "SO_RXQ_OVFL")				\
	X(41, "SO_WIFI_STATUS") X(42, "SO_PEEK_OFF") X(43, "SO_NOFCS")	\
	X(44, "SO_LOCK_FILTER") X(45, "SO_SELECT_ERR_QUEUE")		\
	X(46, "SO_BUSY_POLL") X(47, "SO_MAX_PACING_RATE")		\
	X(48, "SO_BPF_EXTENSIONS") X(49, "SO_INCOMING_CPU")		\
	X(50, "SO_ATTACH_BPF") X(51, "SO_ATTACH_REUSEPORT_CBPF")	\
	X(52, "SO_ATTACH_REUSEPORT_EBPF") X(53, "SO_CNX_ADVICE")	\
	X(55, "SO_MEMINFO") X(56, "SO_INCOMING_NAPI_ID")		\
	X(57, "SO_COOKIE") X(59, "SO_PEERGROUPS") X(60, "SO_ZEROCOPY")	\
	X(61, "SO_TXTIME") X(62, "SO_BINDTOIFINDEX")			\
	X(63, "SO_TIMESTAMP_NEW") X(64, "SO_TIMESTAMPNS_NEW")		\
	X(65, "SO_TIMESTAMPING_NEW") X(66, "SO_RCVTIMEO_NEW")		\
	X(67, "SO_SNDTIMEO_NEW") X(68, "SO_DETACH_REUSEPORT_BPF")	\
	X(69, "SO_PREFER_BUSY_POLL") X(70, "SO_BUSY_POLL_BUDGET")	\
	X(71, "SO_NETNS_COOKIE") X(72, "SO_BUF_LOCK")			\
	X(73, "SO_RESERVE_MEM") X(74, "SO_TXREHASH")			\
	X(75, "SO_RCVMARK") X(76, "SO_PASSPIDFD")			\
	X(77, "SO_PEERPIDFD") X(78, "SO_DEVMEM_LINEAR")			\
	X(79, "SO_DEVMEM_DMABUF") X(80, "SO_DEVMEM_DONTNEED")		\
	X(82, "SO_RCVPRIORITY") X(83, "SO_PASSRIGHTS") X(84, "SO_INQ")
#else
#define SOCKET_OPTIONS_SOCKET(X)
#endif

#define SOCKET_OPTIONS_SOCKET_SECOND_NAMES(X)				\
	X(SOCKET_SO_RCVTIMEO, "SO_RCVTIMEO_OLD")			\
	X(SOCKET_SO_SNDTIMEO, "SO_SNDTIMEO_OLD")			\
	X(26, "SO_GET_FILTER") X(27, "SO_DETACH_BPF")			\
	X(29, "SO_TIMESTAMP_OLD") X(35, "SO_TIMESTAMPNS_OLD")		\
	X(37, "SO_TIMESTAMPING_OLD")

/* linux/in.h */
#define SOCKET_OPTIONS_IP(X)						\
	X(1, "IP_TOS") X(2, "IP_TTL") X(3, "IP_HDRINCL")		\
	X(4, "IP_OPTIONS") X(5, "IP_ROUTER_ALERT")			\
	X(6, "IP_RECVOPTS") X(7, "IP_RETOPTS") X(8, "IP_PKTINFO")	\
	X(9, "IP_PKTOPTIONS") X(10, "IP_MTU_DISCOVER")			\
	X(11, "IP_RECVERR") X(12, "IP_RECVTTL") X(13, "IP_RECVTOS")	\
	X(14, "IP_MTU") X(15, "IP_FREEBIND") X(16, "IP_IPSEC_POLICY")	\
	X(17, "IP_XFRM_POLICY") X(18, "IP_PASSSEC")			\
	X(19, "IP_TRANSPARENT") X(20, "IP_ORIGDSTADDR")			\
	X(21, "IP_MINTTL") X(22, "IP_NODEFRAG") X(23, "IP_CHECKSUM")	\
	X(24, "IP_BIND_ADDRESS_NO_PORT") X(25, "IP_RECVFRAGSIZE")	\
	X(26, "IP_RECVERR_RFC4884") X(32, "IP_MULTICAST_IF")		\
	X(33, "IP_MULTICAST_TTL") X(34, "IP_MULTICAST_LOOP")		\
	X(35, "IP_ADD_MEMBERSHIP") X(36, "IP_DROP_MEMBERSHIP")		\
	X(37, "IP_UNBLOCK_SOURCE") X(38, "IP_BLOCK_SOURCE")		\
	X(39, "IP_ADD_SOURCE_MEMBERSHIP")				\
	X(40, "IP_DROP_SOURCE_MEMBERSHIP") X(41, "IP_MSFILTER")		\
	X(42, "MCAST_JOIN_GROUP") X(43, "MCAST_BLOCK_SOURCE")		\
	X(44, "MCAST_UNBLOCK_SOURCE") X(45, "MCAST_LEAVE_GROUP")	\
	X(46, "MCAST_JOIN_SOURCE_GROUP")				\
	X(47, "MCAST_LEAVE_SOURCE_GROUP") X(48, "MCAST_MSFILTER")	\
	X(49, "IP_MULTICAST_ALL") X(50, "IP_UNICAST_IF")		\
	X(51, "IP_LOCAL_PORT_RANGE") X(52, "IP_PROTOCOL")

#define SOCKET_OPTIONS_IP_SECOND_NAMES(X)				\
	X(7, "IP_RECVRETOPTS") X(20, "IP_RECVORIGDSTADDR")

/* linux/in6.h and linux/in.h */
#define SOCKET_OPTIONS_IPV6(X)						\
	X(1, "IPV6_ADDRFORM") X(2, "IPV6_2292PKTINFO")			\
	X(3, "IPV6_2292HOPOPTS") X(4, "IPV6_2292DSTOPTS")		\
	X(5, "IPV6_2292RTHDR") X(6, "IPV6_2292PKTOPTIONS")		\
	X(7, "IPV6_CHECKSUM") X(8, "IPV6_2292HOPLIMIT")			\
	X(9, "IPV6_NEXTHOP") X(10, "IPV6_AUTHHDR")			\
	X(11, "IPV6_FLOWINFO") X(16, "IPV6_UNICAST_HOPS")		\
	X(17, "IPV6_MULTICAST_IF") X(18, "IPV6_MULTICAST_HOPS")		\
	X(19, "IPV6_MULTICAST_LOOP") X(20, "IPV6_ADD_MEMBERSHIP")	\
	X(21, "IPV6_DROP_MEMBERSHIP") X(22, "IPV6_ROUTER_ALERT")	\
	X(23, "IPV6_MTU_DISCOVER") X(24, "IPV6_MTU")			\
	X(25, "IPV6_RECVERR") X(26, "IPV6_V6ONLY")			\
	X(27, "IPV6_JOIN_ANYCAST") X(28, "IPV6_LEAVE_ANYCAST")		\
	X(29, "IPV6_MULTICAST_ALL")					\
	X(30, "IPV6_ROUTER_ALERT_ISOLATE")				\
	X(31, "IPV6_RECVERR_RFC4884") X(32, "IPV6_FLOWLABEL_MGR")	\
	X(33, "IPV6_FLOWINFO_SEND") X(34, "IPV6_IPSEC_POLICY")		\
	X(35, "IPV6_XFRM_POLICY") X(36, "IPV6_HDRINCL")			\
	X(42, "MCAST_JOIN_GROUP") X(43, "MCAST_BLOCK_SOURCE")		\
	X(44, "MCAST_UNBLOCK_SOURCE") X(45, "MCAST_LEAVE_GROUP")	\
	X(46, "MCAST_JOIN_SOURCE_GROUP")				\
	X(47, "MCAST_LEAVE_SOURCE_GROUP") X(48, "MCAST_MSFILTER")	\
	X(49, "IPV6_RECVPKTINFO") X(50, "IPV6_PKTINFO")			\
	X(51, "IPV6_RECVHOPLIMIT") X(52, "IPV6_HOPLIMIT")		\
	X(53, "IPV6_RECVHOPOPTS") X(54, "IPV6_HOPOPTS")			\
	X(55, "IPV6_RTHDRDSTOPTS") X(56, "IPV6_RECVRTHDR")		\
	X(57, "IPV6_RTHDR") X(58, "IPV6_RECVDSTOPTS")			\
	X(59, "IPV6_DSTOPTS") X(60, "IPV6_RECVPATHMTU")			\
	X(61, "IPV6_PATHMTU") X(62, "IPV6_DONTFRAG")			\
	X(66, "IPV6_RECVTCLASS") X(67, "IPV6_TCLASS")			\
	X(70, "IPV6_AUTOFLOWLABEL") X(72, "IPV6_ADDR_PREFERENCES")	\
	X(73, "IPV6_MINHOPCOUNT") X(74, "IPV6_ORIGDSTADDR") X(75, "IPV6_TRANSPARENT")		\
	X(76, "IPV6_UNICAST_IF") X(77, "IPV6_RECVFRAGSIZE")		\
	X(78, "IPV6_FREEBIND")

#define SOCKET_OPTIONS_IPV6_SECOND_NAMES(X)				\
	X(74, "IPV6_RECVORIGDSTADDR")

/* linux/tcp.h */
#define SOCKET_OPTIONS_TCP(X)						\
	X(1, "TCP_NODELAY") X(2, "TCP_MAXSEG") X(3, "TCP_CORK")		\
	X(4, "TCP_KEEPIDLE") X(5, "TCP_KEEPINTVL")			\
	X(6, "TCP_KEEPCNT") X(7, "TCP_SYNCNT") X(8, "TCP_LINGER2")	\
	X(9, "TCP_DEFER_ACCEPT") X(10, "TCP_WINDOW_CLAMP")		\
	X(11, "TCP_INFO") X(12, "TCP_QUICKACK")				\
	X(13, "TCP_CONGESTION") X(14, "TCP_MD5SIG")			\
	X(16, "TCP_THIN_LINEAR_TIMEOUTS") X(17, "TCP_THIN_DUPACK")	\
	X(18, "TCP_USER_TIMEOUT") X(19, "TCP_REPAIR")			\
	X(20, "TCP_REPAIR_QUEUE") X(21, "TCP_QUEUE_SEQ")		\
	X(22, "TCP_REPAIR_OPTIONS") X(23, "TCP_FASTOPEN")		\
	X(24, "TCP_TIMESTAMP") X(25, "TCP_NOTSENT_LOWAT")		\
	X(26, "TCP_CC_INFO") X(27, "TCP_SAVE_SYN")			\
	X(28, "TCP_SAVED_SYN") X(29, "TCP_REPAIR_WINDOW")		\
	X(30, "TCP_FASTOPEN_CONNECT") X(31, "TCP_ULP")			\
	X(32, "TCP_MD5SIG_EXT") X(33, "TCP_FASTOPEN_KEY")		\
	X(34, "TCP_FASTOPEN_NO_COOKIE") X(35, "TCP_ZEROCOPY_RECEIVE")	\
	X(36, "TCP_INQ") X(37, "TCP_TX_DELAY")				\
	X(38, "TCP_AO_ADD_KEY") X(39, "TCP_AO_DEL_KEY")			\
	X(40, "TCP_AO_INFO") X(41, "TCP_AO_GET_KEYS")			\
	X(42, "TCP_AO_REPAIR") X(43, "TCP_IS_MPTCP")			\
	X(44, "TCP_RTO_MAX_MS") X(45, "TCP_RTO_MIN_US")			\
	X(46, "TCP_DELACK_MAX_US")

#define SOCKET_OPTIONS_TCP_SECOND_NAMES(X)				\
	X(36, "TCP_CM_INQ")

/* linux/udp.h; UDP-Lite also has those below. */
#define SOCKET_OPTIONS_UDP(X)						\
	X(1, "UDP_CORK") X(100, "UDP_ENCAP")				\
	X(101, "UDP_NO_CHECK6_TX") X(102, "UDP_NO_CHECK6_RX")		\
	X(103, "UDP_SEGMENT") X(104, "UDP_GRO")

#define SOCKET_OPTIONS_UDPLITE(X)					\
	X(10, "UDPLITE_SEND_CSCOV") X(11, "UDPLITE_RECV_CSCOV")

/* linux/icmp.h, linux/icmpv6.h */
#define SOCKET_OPTIONS_RAW(X)						\
	X(1, "ICMP_FILTER")

#define SOCKET_OPTIONS_ICMPV6(X)					\
	X(1, "ICMPV6_FILTER")

/* linux/sctp.h */
#define SOCKET_OPTIONS_SCTP(X)						\
	X(0, "SCTP_RTOINFO") X(1, "SCTP_ASSOCINFO")			\
	X(2, "SCTP_INITMSG") X(3, "SCTP_NODELAY")			\
	X(4, "SCTP_AUTOCLOSE") X(5, "SCTP_SET_PEER_PRIMARY_ADDR")	\
	X(6, "SCTP_PRIMARY_ADDR") X(7, "SCTP_ADAPTATION_LAYER")		\
	X(8, "SCTP_DISABLE_FRAGMENTS") X(9, "SCTP_PEER_ADDR_PARAMS")	\
	X(10, "SCTP_DEFAULT_SEND_PARAM") X(11, "SCTP_EVENTS")		\
	X(12, "SCTP_I_WANT_MAPPED_V4_ADDR") X(13, "SCTP_MAXSEG")	\
	X(14, "SCTP_STATUS") X(15, "SCTP_GET_PEER_ADDR_INFO")		\
	X(16, "SCTP_DELAYED_ACK_TIME") X(17, "SCTP_CONTEXT")		\
	X(18, "SCTP_FRAGMENT_INTERLEAVE")				\
	X(19, "SCTP_PARTIAL_DELIVERY_POINT") X(20, "SCTP_MAX_BURST")	\
	X(21, "SCTP_AUTH_CHUNK") X(22, "SCTP_HMAC_IDENT")		\
	X(23, "SCTP_AUTH_KEY") X(24, "SCTP_AUTH_ACTIVE_KEY")		\
	X(25, "SCTP_AUTH_DELETE_KEY") X(26, "SCTP_PEER_AUTH_CHUNKS")	\
	X(27, "SCTP_LOCAL_AUTH_CHUNKS")					\
	X(28, "SCTP_GET_ASSOC_NUMBER")					\
	X(29, "SCTP_GET_ASSOC_ID_LIST") X(30, "SCTP_AUTO_ASCONF")	\
	X(31, "SCTP_PEER_ADDR_THLDS") X(32, "SCTP_RECVRCVINFO")		\
	X(33, "SCTP_RECVNXTINFO") X(34, "SCTP_DEFAULT_SNDINFO")		\
	X(35, "SCTP_AUTH_DEACTIVATE_KEY") X(36, "SCTP_REUSE_PORT")	\
	X(37, "SCTP_PEER_ADDR_THLDS_V2")				\
	X(100, "SCTP_SOCKOPT_BINDX_ADD")				\
	X(101, "SCTP_SOCKOPT_BINDX_REM")				\
	X(102, "SCTP_SOCKOPT_PEELOFF")					\
	X(107, "SCTP_SOCKOPT_CONNECTX_OLD")				\
	X(108, "SCTP_GET_PEER_ADDRS") X(109, "SCTP_GET_LOCAL_ADDRS")	\
	X(110, "SCTP_SOCKOPT_CONNECTX")					\
	X(111, "SCTP_SOCKOPT_CONNECTX3")				\
	X(112, "SCTP_GET_ASSOC_STATS") X(113, "SCTP_PR_SUPPORTED")	\
	X(114, "SCTP_DEFAULT_PRINFO") X(115, "SCTP_PR_ASSOC_STATUS")	\
	X(116, "SCTP_PR_STREAM_STATUS")					\
	X(117, "SCTP_RECONFIG_SUPPORTED")				\
	X(118, "SCTP_ENABLE_STREAM_RESET")				\
	X(119, "SCTP_RESET_STREAMS") X(120, "SCTP_RESET_ASSOC")		\
	X(121, "SCTP_ADD_STREAMS")					\
	X(122, "SCTP_SOCKOPT_PEELOFF_FLAGS")				\
	X(123, "SCTP_STREAM_SCHEDULER")					\
	X(124, "SCTP_STREAM_SCHEDULER_VALUE")				\
	X(125, "SCTP_INTERLEAVING_SUPPORTED")				\
	X(126, "SCTP_SENDMSG_CONNECT") X(127, "SCTP_EVENT")		\
	X(128, "SCTP_ASCONF_SUPPORTED") X(129, "SCTP_AUTH_SUPPORTED")	\
	X(130, "SCTP_ECN_SUPPORTED")					\
	X(131, "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE")			\
	X(132, "SCTP_REMOTE_UDP_ENCAPS_PORT")				\
	X(133, "SCTP_PLPMTUD_PROBE_INTERVAL")

/* linux/if_packet.h */
#define SOCKET_OPTIONS_PACKET(X)					\
	X(1, "PACKET_ADD_MEMBERSHIP") X(2, "PACKET_DROP_MEMBERSHIP")	\
	X(3, "PACKET_RECV_OUTPUT") X(5, "PACKET_RX_RING")		\
	X(6, "PACKET_STATISTICS") X(7, "PACKET_COPY_THRESH")		\
	X(8, "PACKET_AUXDATA") X(9, "PACKET_ORIGDEV")			\
	X(10, "PACKET_VERSION") X(11, "PACKET_HDRLEN")			\
	X(12, "PACKET_RESERVE") X(13, "PACKET_TX_RING")			\
	X(14, "PACKET_LOSS") X(15, "PACKET_VNET_HDR")			\
	X(16, "PACKET_TX_TIMESTAMP") X(17, "PACKET_TIMESTAMP")		\
	X(18, "PACKET_FANOUT") X(19, "PACKET_TX_HAS_OFF")		\
	X(20, "PACKET_QDISC_BYPASS") X(21, "PACKET_ROLLOVER_STATS")	\
	X(22, "PACKET_FANOUT_DATA") X(23, "PACKET_IGNORE_OUTGOING")	\
	X(24, "PACKET_VNET_HDR_SZ")

/* linux/netlink.h */
#define SOCKET_OPTIONS_NETLINK(X)					\
	X(1, "NETLINK_ADD_MEMBERSHIP")					\
	X(2, "NETLINK_DROP_MEMBERSHIP") X(3, "NETLINK_PKTINFO")		\
	X(4, "NETLINK_BROADCAST_ERROR") X(5, "NETLINK_NO_ENOBUFS")	\
	X(6, "NETLINK_RX_RING") X(7, "NETLINK_TX_RING")			\
	X(8, "NETLINK_LISTEN_ALL_NSID")					\
	X(9, "NETLINK_LIST_MEMBERSHIPS") X(10, "NETLINK_CAP_ACK")	\
	X(11, "NETLINK_EXT_ACK") X(12, "NETLINK_GET_STRICT_CHK")

/* linux/tipc.h */
#define SOCKET_OPTIONS_TIPC(X)						\
	X(127, "TIPC_IMPORTANCE") X(128, "TIPC_SRC_DROPPABLE")		\
	X(129, "TIPC_DEST_DROPPABLE") X(130, "TIPC_CONN_TIMEOUT")	\
	X(131, "TIPC_NODE_RECVQ_DEPTH")					\
	X(132, "TIPC_SOCK_RECVQ_DEPTH")					\
	X(133, "TIPC_MCAST_BROADCAST") X(134, "TIPC_MCAST_REPLICAST")	\
	X(135, "TIPC_GROUP_JOIN") X(136, "TIPC_GROUP_LEAVE")		\
	X(137, "TIPC_SOCK_RECVQ_USED") X(138, "TIPC_NODELAY")

/* linux/if_alg.h */
#define SOCKET_OPTIONS_ALG(X)						\
	X(1, "ALG_SET_KEY") X(2, "ALG_SET_IV") X(3, "ALG_SET_OP")	\
	X(4, "ALG_SET_AEAD_ASSOCLEN") X(5, "ALG_SET_AEAD_AUTHSIZE")	\
	X(6, "ALG_SET_DRBG_ENTROPY")					\
	X(7, "ALG_SET_KEY_BY_KEY_SERIAL")

/* linux/tls.h */
#define SOCKET_OPTIONS_TLS(X)						\
	X(1, "TLS_TX") X(2, "TLS_RX") X(3, "TLS_TX_ZEROCOPY_RO")	\
	X(4, "TLS_RX_EXPECT_NO_PAD") X(5, "TLS_TX_MAX_PAYLOAD_LEN")

/* linux/if_xdp.h */
#define SOCKET_OPTIONS_XDP(X)						\
	X(1, "XDP_MMAP_OFFSETS") X(2, "XDP_RX_RING")			\
	X(3, "XDP_TX_RING") X(4, "XDP_UMEM_REG")			\
	X(5, "XDP_UMEM_FILL_RING") X(6, "XDP_UMEM_COMPLETION_RING")	\
	X(7, "XDP_STATISTICS") X(8, "XDP_OPTIONS")			\
	X(9, "XDP_MAX_TX_SKB_BUDGET")

/* linux/mptcp.h */
#define SOCKET_OPTIONS_MPTCP(X)						\
	X(1, "MPTCP_INFO") X(2, "MPTCP_TCPINFO")			\
	X(3, "MPTCP_SUBFLOW_ADDRS") X(4, "MPTCP_FULL_INFO")

/* linux/vm_sockets.h */
#define SOCKET_OPTIONS_VSOCK(X)						\
	X(0, "SO_VM_SOCKETS_BUFFER_SIZE")				\
	X(1, "SO_VM_SOCKETS_BUFFER_MIN_SIZE")				\
	X(2, "SO_VM_SOCKETS_BUFFER_MAX_SIZE")				\
	X(3, "SO_VM_SOCKETS_PEER_HOST_VM_ID")				\
	X(5, "SO_VM_SOCKETS_TRUSTED")					\
	X(6, "SO_VM_SOCKETS_CONNECT_TIMEOUT")				\
	X(7, "SO_VM_SOCKETS_NONBLOCK_TXRX")				\
	X(8, "SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW")

#define SOCKET_OPTIONS_VSOCK_SECOND_NAMES(X)				\
	X(6, "SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD")

/* linux/can/raw.h */
#define SOCKET_OPTIONS_CAN_RAW(X)					\
	X(1, "CAN_RAW_FILTER") X(2, "CAN_RAW_ERR_FILTER")		\
	X(3, "CAN_RAW_LOOPBACK") X(4, "CAN_RAW_RECV_OWN_MSGS")		\
	X(5, "CAN_RAW_FD_FRAMES") X(6, "CAN_RAW_JOIN_FILTERS")		\
	X(7, "CAN_RAW_XL_FRAMES") X(8, "CAN_RAW_XL_VCID_OPTS")

/* ------------------------------------------------------------- the list of tables */

/*
 * The table's name in C, its list, its list of second names, the prefix of the kernel's
 * constants, how the kernel declares them (MACRO, ENUM, or GENERIC: a macro if
 * SOCKET_GENERIC_NUMBERS is defined), whether names are looked up in it (FIND or SHOW), and
 * its title.  Numbers of a sparse table are far apart.
 */
#define SOCKET_TABLES(X)						\
	X(socket_protocols, SOCKET_PROTOCOLS,				\
	  SOCKET_PROTOCOL_SECOND_NAMES, IPPROTO_, MACRO, FIND,		\
	  "Protocols of IP: sock_prot_num2str, sock_prot_str2num")	\
	X(socket_families, SOCKET_FAMILIES,				\
	  SOCKET_FAMILY_SECOND_NAMES, AF_, MACRO, FIND,			\
	  "Address families: sock_fam_num2str, sock_fam_str2num")	\
	X(socket_states, SOCKET_STATES, SOCKET_NO_NAMES, SS_, ENUM, FIND, \
	  "States of a socket: sock_state_num2str, sock_state_str2num")	\
	X(socket_types, SOCKET_TYPES, SOCKET_NO_NAMES, SOCK_, ENUM, FIND, \
	  "Types of a socket: sock_type_num2str, sock_type_str2num")	\
	X(socket_tcp_states, SOCKET_TCP_STATES,				\
	  SOCKET_TCP_STATE_SECOND_NAMES, TCP_, ENUM, FIND,		\
	  "TCP states: tcp_state_num2str, tcp_state_str2num")		\
	X(socket_shutdowns, SOCKET_SHUTDOWNS, SOCKET_NO_NAMES, SHUT_,	\
	  ENUM, SHOW, "Ways to shut down: sock_shutdown_num2str")	\
	X(socket_levels, SOCKET_LEVELS, SOCKET_NO_NAMES, SOL_, GENERIC,	\
	  SHOW, "Levels of options: sock_level_num2str")		\
	X(socket_errors, SOCKET_ERRORS, SOCKET_ERROR_SECOND_NAMES, ,	\
	  GENERIC, SHOW, "Errors, as negative sizes: sock_err_num2str")	\
	X(socket_netlink, SOCKET_NETLINK_PROTOCOLS,			\
	  SOCKET_NETLINK_PROTOCOL_SECOND_NAMES, NETLINK_, MACRO, SHOW,	\
	  "NETLINK protocols: sock_protocol_name")			\
	X(socket_bluetooth, SOCKET_BLUETOOTH_PROTOCOLS,			\
	  SOCKET_NO_NAMES, BTPROTO_, MACRO, SHOW,			\
	  "BLUETOOTH protocols: sock_protocol_name")			\
	X(socket_can, SOCKET_CAN_PROTOCOLS, SOCKET_NO_NAMES, CAN_,	\
	  MACRO, SHOW, "CAN protocols: sock_protocol_name")		\
	X(socket_phonet, SOCKET_PHONET_PROTOCOLS, SOCKET_NO_NAMES,	\
	  PN_PROTO_, MACRO, SHOW,					\
	  "PHONET protocols: sock_protocol_name")			\
	X(socket_pppox, SOCKET_PPPOX_PROTOCOLS, SOCKET_NO_NAMES,	\
	  PX_PROTO_, MACRO, SHOW,					\
	  "PPPOX protocols: sock_protocol_name")			\
	X(socket_nfc, SOCKET_NFC_PROTOCOLS, SOCKET_NO_NAMES,		\
	  NFC_SOCKPROTO_, MACRO, SHOW,					\
	  "NFC protocols: sock_protocol_name")				\
	X(socket_smc, SOCKET_SMC_PROTOCOLS, SOCKET_NO_NAMES, SMCPROTO_,	\
	  MACRO, SHOW, "SMC protocols: sock_protocol_name")		\
	X(socket_options_socket, SOCKET_OPTIONS_SOCKET,			\
	  SOCKET_OPTIONS_SOCKET_SECOND_NAMES, , GENERIC, SHOW,		\
	  "Options of level SOCKET: sock_option_num2str")		\
	X(socket_options_ip, SOCKET_OPTIONS_IP,				\
	  SOCKET_OPTIONS_IP_SECOND_NAMES, , MACRO, SHOW,		\
	  "Options of level IP: sock_option_num2str")			\
	X(socket_options_ipv6, SOCKET_OPTIONS_IPV6,			\
	  SOCKET_OPTIONS_IPV6_SECOND_NAMES, , MACRO, SHOW,		\
	  "Options of level IPV6: sock_option_num2str")			\
	X(socket_options_tcp, SOCKET_OPTIONS_TCP,			\
	  SOCKET_OPTIONS_TCP_SECOND_NAMES, , MACRO, SHOW,		\
	  "Options of level TCP: sock_option_num2str")			\
	X(socket_options_udp, SOCKET_OPTIONS_UDP, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level UDP: sock_option_num2str")	\
	X(socket_options_udplite, SOCKET_OPTIONS_UDPLITE,		\
	  SOCKET_NO_NAMES, , MACRO, SHOW,				\
	  "Options of level UDPLITE: sock_option_num2str")		\
	X(socket_options_raw, SOCKET_OPTIONS_RAW, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level RAW: sock_option_num2str")	\
	X(socket_options_icmpv6, SOCKET_OPTIONS_ICMPV6,			\
	  SOCKET_NO_NAMES, , MACRO, SHOW,				\
	  "Options of level ICMPV6: sock_option_num2str")		\
	X(socket_options_sctp, SOCKET_OPTIONS_SCTP, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level SCTP: sock_option_num2str")	\
	X(socket_options_packet, SOCKET_OPTIONS_PACKET,			\
	  SOCKET_NO_NAMES, , MACRO, SHOW,				\
	  "Options of level PACKET: sock_option_num2str")		\
	X(socket_options_netlink, SOCKET_OPTIONS_NETLINK,		\
	  SOCKET_NO_NAMES, , MACRO, SHOW,				\
	  "Options of level NETLINK: sock_option_num2str")		\
	X(socket_options_tipc, SOCKET_OPTIONS_TIPC, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level TIPC: sock_option_num2str")	\
	X(socket_options_alg, SOCKET_OPTIONS_ALG, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level ALG: sock_option_num2str")	\
	X(socket_options_tls, SOCKET_OPTIONS_TLS, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level TLS: sock_option_num2str")	\
	X(socket_options_xdp, SOCKET_OPTIONS_XDP, SOCKET_NO_NAMES, ,	\
	  MACRO, SHOW, "Options of level XDP: sock_option_num2str")	\
	X(socket_options_mptcp, SOCKET_OPTIONS_MPTCP, SOCKET_NO_NAMES,	\
	  , MACRO, SHOW, "Options of level MPTCP: sock_option_num2str")	\
	X(socket_options_vsock, SOCKET_OPTIONS_VSOCK,			\
	  SOCKET_OPTIONS_VSOCK_SECOND_NAMES, , MACRO, SHOW,		\
	  "Options of level VSOCK: sock_option_num2str")		\
	X(socket_options_can_raw, SOCKET_OPTIONS_CAN_RAW,		\
	  SOCKET_NO_NAMES, , ENUM, SHOW,				\
	  "Options of level CAN_RAW: sock_option_num2str")

/* Enumerators that were added after 5.8, and the version that added them. */
#define SOCKET_NEW_ENUMERATORS(X)					\
	X(KERNEL_VERSION(6, 8, 0), "TCP_BOUND_INACTIVE")		\
	X(KERNEL_VERSION(6, 2, 0), "CAN_RAW_XL_FRAMES")			\
	X(KERNEL_VERSION(6, 9, 0), "CAN_RAW_XL_VCID_OPTS")

#define SOCKET_SPARSE_TABLES(X)						\
	X(socket_message_flags, SOCKET_MESSAGE_FLAGS,			\
	  SOCKET_MESSAGE_FLAG_SECOND_NAMES, MSG_, MACRO, FIND,		\
	  "Flags of a message: msg_flags_num2str, msg_flags_str2num")	\
	X(socket_ethertypes, SOCKET_ETHERTYPES, SOCKET_NO_NAMES, ETH_P_, \
	  MACRO, SHOW, "PACKET protocols: sock_protocol_name")

#endif
