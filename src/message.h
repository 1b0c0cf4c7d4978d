/* SPDX-License-Identifier: ISC */
/* The messages that our processes send each other. */
#pragma once

#include <sys/types.h>

/* What a start is doing when it fails. */
enum step {
	STEP_NONE,
	/* in the intermediate process */
	STEP_NAMESPACE, /* it must not be process 1 of a pid namespace */
	STEP_SESSION,   /* setsid(2) */
	STEP_PIPE,      /* pipe(2) */
	STEP_FORK,      /* the fork of the daemon, or of a logger */
	/* in the process that becomes the command: see child.h */
	STEP_GROUP,     /* setpgid(2) */
	STEP_PRINT_PID, /* writing its pid for -P */
	STEP_STREAM,    /* putting a stream on descriptor index */
	STEP_LOCK,      /* taking the run lock number index */
	STEP_IDENTITY,  /* changing to the user of -u */
	STEP_KEEPER,    /* finding that its keeper lives */
	STEP_DIRECTORY, /* entering the working directory late */
	STEP_TRUNCATE,  /* emptying the log of descriptor index */
	STEP_SIGNALS,   /* resetting the state of signals */
	STEP_EXEC,      /* executing the command's file */
	STEP_EXEC_SHELL /* executing /bin/sh for a text file without #! */
};

/* A step that failed. */
struct failure {
	enum step step;
	int index; /* of what it failed on, if there are several */
	int error; /* errno */
};

enum verdict {
	VERDICT_EXECUTED,     /* the child has executed its file */
	VERDICT_NOT_EXECUTED, /* it has not, and has ended */
	VERDICT_UNKNOWN       /* the kernel's answer was none of these */
};

enum message_type {
	MESSAGE_PID,     /* from the daemon, first: its pid and group */
	MESSAGE_FAILED,  /* from a child to its parent: the failure */
	MESSAGE_VERDICT, /* from the intermediate process: the verdict */
	MESSAGE_ENDED,   /* from it under -w or -r: a child has ended */
	MESSAGE_STANDS   /* to the keeper: the first run is no failure */
};

/* One message.  All are of one size, and no pointer travels. */
struct message {
	enum message_type type;
	int child; /* whom it is about: 0 the command, else a logger */
	struct failure failure; /* with VERDICT of STEP_NONE if none is told */
	union {
		struct {
			pid_t pid;
			pid_t group; /* that was made for it; 0: none */
		};
		enum verdict verdict;
		struct {
			int code;   /* CLD_EXITED, CLD_KILLED or CLD_DUMPED */
			int status; /* the exit status or the signal */
		} end;
	};
};

/*
 * Sends a message, whole.  Returns 0, or -1 with errno: EPIPE if the launcher
 * has ended.  SIGPIPE must be blocked.  Async-signal-safe.
 */
int message_send(int fd, const struct message *message);

/*
 * Waits for a message.  Returns 1, 0 at the end of file, or -1 with errno: then
 * no other message comes.  Async-signal-safe.
 */
int message_receive(int fd, struct message *message);
