#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# image.pl - input of the tests of survey: the names that a kernel has in memory, its boot image
#
# usage: image.pl names ALIGN [wrong] <MAP >TABLES
#        image.pl boot SIZE <PACKED >IMAGE
#        image.pl loops >BTF
#
# names writes the tables of scripts/kallsyms.c, aligned to ALIGN bytes, 8 or 4; wrong: in
# one that says where names begin, one place is.  boot puts what is packed, and is SIZE
# bytes when it is unpacked, behind a header of x86's boot protocol 2.08.  loops writes BTF
# with a type and a structure that are made of themselves.

use strict;
use warnings;

sub align { my ($text, $to) = @_; return $text . "\0" x (-length($text) % $to); }

my ($what, $number, $wrong) = @ARGV;
if ($what eq 'names') {
	my @names = map { /^\S+ (\S) (\S+)$/ ? "$1$2" : die "no map: $_" } <STDIN>;
	my %used = map { $_ => 1 } split //, join '', @names;
	my @pieces = map { my $c = chr; $used{$c} ? $c : '' } 0 .. 255;
	# The rest of the 256 is for parts of names.
	my @parts = qw(same_ sock __ tracep oint er co Tsa Tm);
	for (grep { $pieces[$_] eq '' } 0 .. 255) { $pieces[$_] = shift @parts // ''; }
	my %code = map { $pieces[$_] => $_ } grep { $pieces[$_] ne '' } 0 .. 255;
	my $all = join '|', sort { length($b) <=> length($a) } map { quotemeta } keys %code;

	my ($symbols, @marks) = '';
	for my $i (0 .. $#names) {
		push @marks, length $symbols if $i % 256 == 0;
		my @codes = map { $code{$_} } $names[$i] =~ /$all/g;
		$symbols .= @codes < 128 ? chr @codes : chr(@codes & 127 | 128) . chr(@codes >> 7);
		$symbols .= join '', map { chr } @codes;
	}
	$marks[-1]++ if $wrong;
	my ($table, @index) = '';
	for (@pieces) { push @index, length $table; $table .= "$_\0"; }
	binmode STDOUT;
	print align(pack('L<', scalar @names), $number), align($symbols, $number),
		align(pack('L<*', @marks), $number), align($table, $number), pack 'S<*', @index;
} elsif ($what eq 'boot') {
	local $/;
	my $payload = <STDIN> . pack 'L<', $number;
	my $header = "\0" x 1024;
	substr($header, 0x1f1, 1) = chr 1;
	substr($header, 0x1fe, 8) = "\x55\xaa\xeb\x66HdrS";
	substr($header, 0x206, 2) = pack 'S<', 0x208;
	substr($header, 0x248, 8) = pack 'L<2', 0, length $payload;
	binmode STDOUT;
	print $header, $payload;
} elsif ($what eq 'loops') {
	my $names = "\0same\0sock\0";
	my $types = pack 'L<*', 0, 10 << 24, 1,		# 1: const 1
		0, 13 << 24, 1,				# 2: 1 (*)(void)
		1, 12 << 24, 2,				# 3: same
		6, 4 << 24 | 2, 8, 0, 4, 0, 0, 4, 0;	# 4: struct sock { struct sock; struct sock; }
	binmode STDOUT;
	print pack('S<C2L<5', 0xeb9f, 1, 0, 24, 0, length $types, length $types, length $names),
		$types, $names;
} else {
	die "image.pl: names, boot or loops, not $what\n";
}
