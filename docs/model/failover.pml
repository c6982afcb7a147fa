/*
 * The grant, lease, revoke and fence protocol of oneup as a model for Spin. README.md beside this file says what is
 * modelled, what is left out, which properties hold and how to read a counterexample.
 *
 * Macros choose what is checked:
 *   LEASED     nodes with an agent, a lease and a keeper; without it: nodes behind an ssh guard, which have no lease
 *   PROGRESS   prepares the search for cycles without progress; without it: I1 and I2
 *   EPOCHS     how many grants a run may have: 3, or 2 for a smaller instance
 *   and the mutations of the table in README.md: each takes one rule away, and a property must then be violated
 */

/* Size of the instance. Node 0 holds epoch 1, node 1 epoch 2, node 0 epoch 3. */
#ifndef EPOCHS
#define EPOCHS  3
#endif
#define TERMS   2  /* each controller takes one term, in order, at any moment */

/* Durations in ticks. SLACK is what rho and m stand for: how much slower than the others a holder's clock may be. */
#define LEASE      2
#define SLACK      1
#define MAY_ACT    1  /* how long effects of a superseded controller may still begin: its ttl and the kill time */
#define TERM_WAIT  2  /* S9: longer than MAY_ACT */
#define PATIENCE   1  /* how long a controller waits for an answer where it waits for no lease */

#ifdef SHORT_WAIT
#define LEASE_WAIT  LEASE
#else
#define LEASE_WAIT  (LEASE + SLACK)
#endif

#ifdef LEASED
#define STOP_WAIT  LEASE_WAIT
#else
#define STOP_WAIT  PATIENCE
#endif

/* With two nodes every grant goes to the other one, so an epoch names its node. */
#define NODE(e)   (((e) + 1) % 2)
#define OTHER(e)  ((e) % 2)

/* S12: the steps of an epoch's START and STOP. They order the commands of a node as (epoch, step) does. */
#define START_STEP(e)  (2 * (e))
#define STOP_STEP(e)   (2 * (e) + 1)

mtype = { none, stopOld, proven, granted, startNew, blockedNoProof, exhausted };  /* phase of the operation */
mtype = { down, maybe, unknown };                                                /* breadcrumb */
mtype = { idle, asked, spent };                                                  /* fence device */
mtype = { unsent, sent, lost };                                                  /* message */

/* The store. Every change of it by a controller or an agent is one atomic commit. */
byte  term = 1;
byte  epoch = 1;       /* the grant is for NODE(epoch) */
bit   revoked;         /* the grant is marked by REVOKE */
bit   renewed;         /* a renewal of this epoch's lease was committed */
mtype phase = none;    /* of the operation, which is always about NODE(epoch) */
mtype crumb[2];

/* The nodes. What is recorded is on disk; the rest is lost with the power. */
bit   runs[2];         /* the instance runs: the node is active */
bit   power[2] = 1;
byte  recorded[2];     /* the highest step */
byte  goal[2];         /* the epoch that the agent was told to run, 0 is none */
byte  leaseLeft[2];    /* ticks until the keeper kills */
byte  askedAge[2];     /* 1 + ticks since the open renewal was sent, 0 is none open */
mtype device[2] = idle;

/* START and STOP of each epoch. What is sent arrives in any order, at any time or never. Loss is a step of its own only
   where progress is checked: there, a message that can arrive must arrive some day. */
mtype start[EPOCHS + 1] = unsent;
mtype stop[EPOCHS + 1] = unsent;

/* Timers of the controllers: ticks that are left. */
byte  holdLeft[TERMS + 1];    /* S9: wait of a new term */
byte  mayActLeft[TERMS + 1];  /* S8: runs from the moment at which the next term begins */
byte  waitLeft[TERMS + 1];    /* lease wait, or deadline of the phase */

#define ENDED  (phase == none || phase == blockedNoProof || phase == exhausted)

#ifdef NO_TERM_GUARD
#define IN_TERM  true
#else
#define IN_TERM  (term == me)            /* S8: guard of every commit */
#endif
#define MAY_DO   (mayActLeft[me] > 0)    /* S8: checked before every effect */

/* What counts as proof that node n, holder of epoch e, is down (S17). */
#define ACKNOWLEDGED(n, e)  (power[n] && recorded[n] == STOP_STEP(e))
#ifdef FENCE_BY_EXIT
#define FENCED(n)           (!power[n] || device[n] == asked)
#else
#define FENCED(n)           (!power[n])  /* S18: the answer to the query, not the end of the command */
#endif
#ifdef LEASED
/* S15: a wait that began with the answer to REVOKE; without a renewal of the epoch nothing was spawned. The wait says
   nothing about what ran before a recovery (breadcrumb unknown), because no grant of this store covers that. */
#define WAITED_OUT(n)       (crumb[n] == maybe && (waitLeft[me] == 0 || !renewed))
#else
#define WAITED_OUT(n)       false
#endif
#define PROOF(n, e)         (crumb[n] == down || ACKNOWLEDGED(n, e) || FENCED(n) || WAITED_OUT(n))

/* PRECHECK (S32): a target about which nothing is known must be seen not running. */
#ifdef NO_PRECHECK
#define ELIGIBLE(n)         true
#else
#define ELIGIBLE(n)         (crumb[n] == down || !runs[n])
#endif

#ifndef PROGRESS
ltl I1 { [] !(runs[0] && runs[1]) }
ltl I2 { [] (phase == startNew -> (crumb[OTHER(epoch)] == down && !runs[OTHER(epoch)])) }
#endif

/* One term of a controller. It may stop for a while or for ever between any two steps: that is its pause, its partition
   and its crash. All it knows when it wakes is e, the epoch as it saw it last, and where it stood. */
proctype Controller(byte me)
{
  byte e;

  if
  :: me == 1
  :: else ->
    atomic {
      term == me - 1 ->
      term = me;
      mayActLeft[me] = MAY_ACT;
#ifndef NO_TERM_WAIT
      holdLeft[me] = TERM_WAIT
#endif
    }
  fi;

  atomic {  /* Go on where the record says (S33); a lease wait counts anew (S15). */
    holdLeft[me] == 0 ->
    e = epoch;
    if
    :: phase == none -> goto calm
    :: phase == stopOld || phase == blockedNoProof -> waitLeft[me] = STOP_WAIT; goto stopping
    :: phase == proven -> goto granting
    :: phase == granted -> goto intending
    :: phase == startNew -> waitLeft[me] = PATIENCE; goto starting
    :: phase == exhausted -> goto resigned
    fi
  }

calm:  /* An operation begins for any reason at any time. */
  e < EPOCHS && ELIGIBLE(OTHER(e));

revoking:  /* INTENT of STOP_OLD; REVOKE goes out with it (S20). */
  atomic {
    if
    :: !IN_TERM -> goto resigned
    :: else ->
      phase = stopOld;
#ifndef NO_REVOKE
      revoked = true;
#endif
      waitLeft[me] = STOP_WAIT
    fi
  }

stopping:  /* STOP, the fence device and the lease wait go on side by side; the first proof wins (S20). */
  do
  :: atomic { MAY_DO && stop[e] == unsent && recorded[NODE(e)] < STOP_STEP(e) -> stop[e] = sent }
  :: atomic { MAY_DO && device[NODE(e)] == idle && power[NODE(e)] -> device[NODE(e)] = asked }
  :: PROOF(NODE(e), e) -> break
#ifdef NO_PROOF
  :: true -> break
#endif
#ifndef NO_BLOCKED
  :: atomic {
      phase == stopOld ->
      if
      :: !IN_TERM -> goto resigned
      :: else -> phase = blockedNoProof  /* With its reason (S34); a proof that comes later still counts (S19). */
      fi
    }
#endif
  od;

  atomic {  /* RESULT: the proof is recorded (S19). */
    if
    :: !IN_TERM -> goto resigned
    :: else ->
#ifndef NO_PROOF
      crumb[NODE(e)] = down;
#endif
      revoked = true;
      waitLeft[me] = 0;
      if
      :: e == EPOCHS -> phase = exhausted; goto resigned
      :: else -> phase = proven
      fi
    fi
  }

granting:  /* S11. A fence command that did nothing so far never will: later it could only switch a node off. */
  atomic {
    if
    :: !IN_TERM -> goto resigned
    :: else ->
      e++;
      epoch = e;
      revoked = false;
      renewed = false;
#ifndef NO_MAYBE
      crumb[NODE(e)] = maybe;
#endif
      device[0] = idle;
      device[1] = idle;
      phase = granted
    fi
  }

intending:  /* INTENT of START_NEW, guarded by the proof for the other node (S19). */
  atomic {
    if
    :: !IN_TERM -> goto resigned
#ifndef NO_PROOF
    :: IN_TERM && crumb[OTHER(e)] != down -> phase = blockedNoProof; goto resigned
#endif
    :: else -> phase = startNew; waitLeft[me] = PATIENCE
    fi
  }

starting:
  do
  :: atomic { MAY_DO && start[e] == unsent && recorded[NODE(e)] < START_STEP(e) -> start[e] = sent }
  :: atomic {  /* VERIFY_NEW */
      runs[NODE(e)] && recorded[NODE(e)] == START_STEP(e) ->
      if
      :: !IN_TERM -> goto resigned
      :: else -> phase = none; waitLeft[me] = 0; goto calm
      fi
    }
#ifndef NO_START_DEADLINE
  :: goto revoking  /* TARGET_FAILED: it had its INTENT, so it is proven down before anything else starts (S20). */
#endif
  od;

resigned:
  mayActLeft[me] = 0
}

/* What the node will refuse is as good as lost: taking it off the wire saves states and changes nothing else. */
inline dropRefused(x)
{
#ifdef NO_STEP_CHECK
  skip
#else
  if
  :: recorded[NODE(x)] == STOP_STEP(x) -> start[x] = unsent
  :: else
  fi;
  if
  :: x > 2 -> start[x - 2] = unsent; stop[x - 2] = unsent
  :: else
  fi
#endif
}

/* Takes START and STOP of one epoch to the node, which records the step before it acts and refuses a lower one (S12). */
proctype Wire(byte x)
{
  do
  :: atomic {
      start[x] == sent && power[NODE(x)] ->
      start[x] = unsent;
      if
#ifdef NO_STEP_CHECK
      :: true ->
#else
      :: recorded[NODE(x)] >= START_STEP(x)
      :: else ->
#endif
        recorded[NODE(x)] = START_STEP(x);
        dropRefused(x);
#ifdef LEASED
        goal[NODE(x)] = x;
        askedAge[NODE(x)] = 0;
#ifdef SPAWN_FROM_MEMORY
        leaseLeft[NODE(x)] = LEASE + SLACK;
        runs[NODE(x)] = true
#endif
#else
        runs[NODE(x)] = true
#endif
      fi
    }
  :: atomic {
      stop[x] == sent && power[NODE(x)] ->
      stop[x] = unsent;
      if
      :: recorded[NODE(x)] >= STOP_STEP(x)
      :: else ->
        recorded[NODE(x)] = STOP_STEP(x);
        dropRefused(x);
        runs[NODE(x)] = false;
        goal[NODE(x)] = 0;
        leaseLeft[NODE(x)] = 0;
        askedAge[NODE(x)] = 0
      fi
    }
#ifdef PROGRESS
  :: atomic { start[x] == sent -> start[x] = lost }
  :: atomic { stop[x] == sent -> stop[x] = lost }
#endif
  od
}

/* The agent of a node, which may be paused between any two steps, the fence device and the power. */
proctype Node(byte n)
{
  do
#ifdef LEASED
  :: atomic {  /* A renewal is one commit guarded by the grant (S14); who learns of REVOKE stops at once (S15). */
      goal[n] > 0 && askedAge[n] == 0 && leaseLeft[n] < LEASE + SLACK ->
      if
#ifdef NO_RENEWAL_GUARD
      :: true -> renewed = true; askedAge[n] = 1
#else
      :: goal[n] == epoch && !revoked -> renewed = true; askedAge[n] = 1
      :: else -> runs[n] = false; goal[n] = 0; leaseLeft[n] = 0
#endif
      fi
    }
  :: atomic {  /* Its answer: the deadline counts from before the request (S3), and only now may be spawned (S14). */
      askedAge[n] > 0 ->
#ifdef DEADLINE_FROM_ANSWER
      leaseLeft[n] = LEASE + SLACK;
#else
      leaseLeft[n] = LEASE + SLACK + 1 - askedAge[n];
#endif
      askedAge[n] = 0;
      runs[n] = true
    }
#endif
  :: atomic {  /* The fence device acts: at once, late or never. */
      device[n] == asked && power[n] ->
      device[n] = spent;
      power[n] = false;
      runs[n] = false;
      goal[n] = 0;
      leaseLeft[n] = 0;
      askedAge[n] = 0;
#ifndef LEASED
      /* A command of the ssh guard ends with its connection. A goal state waits in the store for the next boot. */
      start[1 + n] = unsent;
      stop[1 + n] = unsent;
#if EPOCHS > 2
      if
      :: n == 0 -> start[3] = unsent; stop[3] = unsent
      :: else
      fi
#endif
#endif
    }
#ifdef PROGRESS
  :: atomic { device[n] == asked -> device[n] = spent }  /* It fails for good. */
#endif
  :: atomic { !power[n] -> power[n] = true }  /* Somebody boots it; nothing starts by itself. */
  od
}

#ifdef LEASED
inline ageLease(n)
{
  if
  :: leaseLeft[n] > 1 -> leaseLeft[n]--
  :: leaseLeft[n] == 1 ->
    leaseLeft[n] = 0;
#ifndef NO_KEEPER
    runs[n] = false  /* The keeper kills at the deadline, whatever the agent does (S16). */
#endif
  :: else
  fi;
  if
  :: askedAge[n] == LEASE + SLACK -> askedAge[n] = 0  /* An answer this late grants nothing. */
  :: askedAge[n] > 0 && askedAge[n] < LEASE + SLACK -> askedAge[n]++
  :: else
  fi
}
#endif

inline ageTimers(me)
{
  if :: holdLeft[me] > 0 -> holdLeft[me]-- :: else fi;
  if :: term > me && mayActLeft[me] > 0 -> mayActLeft[me]-- :: else fi;
  if
  :: term > me -> waitLeft[me] = 0  /* Of no use to a superseded controller. */
  :: term <= me && waitLeft[me] > 0 -> waitLeft[me]--
  :: else
  fi
}

/* Faults are over when the last term has begun: from then on its controller does what is due before time goes on. */
#define FAULTS_OVER  (term == TERMS)
#define NOTHING_DUE  (ENDED || holdLeft[TERMS] > 0 || waitLeft[TERMS] > 0)

active proctype Time()
{
  do
  :: atomic {
#ifdef PROGRESS
      !FAULTS_OVER || NOTHING_DUE ->
#endif
#ifdef LEASED
      ageLease(0);
      ageLease(1);
#endif
      ageTimers(1);
      ageTimers(2)
    }
#ifdef PROGRESS
    if
    :: !FAULTS_OVER || ENDED ->
progress_time:
      skip
    :: else
    fi
#endif
  od
}

init
{
  atomic {
    if
    :: true ->  /* Node 0 is active under the grant of epoch 1, node 1 is its standby. */
      crumb[0] = maybe;
      crumb[1] = down;
      recorded[0] = START_STEP(1);
      runs[0] = true;
#ifdef LEASED
      goal[0] = 1;
      leaseLeft[0] = LEASE + SLACK;
      renewed = true
#endif
    :: true ->  /* After a recovery (S4): nobody knows what runs, and no grant is in force. */
      crumb[0] = unknown;
      crumb[1] = unknown;
      revoked = true;
      if
      :: runs[0] = true; leaseLeft[0] = LEASE + SLACK
      :: runs[1] = true; leaseLeft[1] = LEASE + SLACK
      :: true
      fi
    fi;
    mayActLeft[1] = MAY_ACT;
    run Controller(1);
    run Controller(2);
    run Node(0);
    run Node(1);
    run Wire(1);
    run Wire(2);
#if EPOCHS > 2
    run Wire(3)
#endif
  }
#ifdef PROGRESS
  do
  :: timeout -> skip  /* A standstill is a cycle without progress, too. */
  od
#endif
}
