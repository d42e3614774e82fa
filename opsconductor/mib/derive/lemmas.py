"""Base forms of the words in names and descriptions of notifications."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text, the format of the word tables."""
    return frozenset(text.split())


_FORMS = """
abnormal: anomaly anomalies anomalous irregular
above: over exceeding
absent: absence
activate: activated activates activation
acquire: acquired acquires
active: actv
add: added adding addition adds
alarm: alarms alert alerts
approach: approaching approaches near nearing nearly
associate: associated association assoc reassociation reassociate
attack: attacks attacked attacker dos ddos exploit exploits
authenticate: auth authen authentication authenticated authenticates authenticating
available: avail availability
backup: backups
bad: wrong
battery: batteries bat batt
begin: began begins beginning
block: blocked blocking blocks
breach: breached
break: broken breaks brk
change: changed changes changing chg chng modified modification modify modifies
clear: cleared clears clearing clr clrd deasserted deassert abated abate abates unset
close: closed closes closing
cold:
communication: communications comm comms
complete: completed completes completion finished finish finishes done
config: configuration configured configure configurations cfg conf provisioned
conflict: conflicts conflicting
congest: congestion congested
connect: connected connects connecting reconnected reconnect
connection: conn connections connectivity
correct: corrected corrects
corrupt: corrupted corruption
crash: crashed crashes
create: created creates creation
critical: crit
degrade: degraded degrades degradation degrading impaired
delete: deleted deletes deletion del destroyed destroy
deny: denied denies denial
deplete: depleted depletion exhausted exhaust exhaustion
detect: detected detects detection
die: died dead dies
disable: disabled disables disabling errdisabled errdisable
disappear: disappeared disappears vanished gone vanish
discharge: discharged discharging
disconnect: disconnected disconnects disconnection discon
dissociate: disassociated disassociation diassoc disassoc dissociated deassociate disassociate
down: dn downs
drop: dropped drops dropping discarded discard
duplicate: duplicated dup duplication dupl
emergency: emergent
enable: enabled enables enabling
end: ended ends ending
enough: sufficient
enter: entered enters entering
error: errors err errored errs
establish: established establishes estab establishment
exceed: exd exceeded exceeds excd exceded exced excessive
exceed: exceedance overrun surpass surpassed crossed crossing cross
exit: exited exits exiting
expire: expired expires expiry expiration expiring
extract: extracted extraction ejected eject
fail: failed failure failures fails failing fault
fail: faults faulty faulted flt unsuccessful unsuccessfully malfunction
fall: falling falls fell
fan: fans
fatal: catastrophic
fix: fixed fixes rectified rectify
flap: flapping flapped flaps oscillation bouncing
full: overflow overflowed overflows
good: fine
halt: halted halts
healthy:
high: higher upper
humidity: hum humid
inform: info information informational notice
improve: improved improves
inactive: deactivated deactivate deactivation inactivated
initialize: initialized initialization init
insert: inserted insertion inserts plugged plugin
install: installed installation installs
intrusion: intruder intruders intrusions
invalid: illegal bogus illgl incorrect
join: joined joins
lack: lacking insufficient shortage inadequate
leave: left leaves leaving
licence: license licenses licensing lic licences
limit: limits limited
lock: locked locks locking
login: logins logon logged
logout: logoff logouts
loop: loopback loops looped
lose: lost loss loses losing
low: lower lo
major: maj
match: matched matches matching
memory: mem
minor:
mismatch: mismatched mism mismat mismatches
miss: missing missed misses
max: maximum maximal
monitor: monitoring
move: moved moves
negative:
nominal:
normal: norm normalized
occur: occurred occurs occurrence
offline:
ok: okay
online:
open: opened opens opening
overload: overloaded oversubscription oversubscribed
overtemp: overtemperature overheat overheated overheating
pass: passed passes
peer: peers neighbor neighbour neighbors neighbours nbr ngbr nei neigh adjacency
positive:
predict: predictive predicted prediction
present:
problem: problems trouble issue
raise: raised raises asserted assert
reach: reached reaches
reachable:
reboot: rebooted rebooting reboots
rebuild: rebuilding rebuilt reconstruct reconstruction resync
receive: received receives recvd rcvd reception
recover: recov recovered recovery recovers rcvr recovering
register: registered registration registers
reject: rejected rejects rejection refused refuse
release: released releases
remove: removed removal removes removing removeed pulled
repair: repaired repairs
replace: replaced replacement replaces replacing
reset: resets resetting
resolve: resolved resolves
restart: restarted restarts restarting reload reloaded reloads
restore: restored restores restoration restoring
resume: resumed resumes resuming resumption
return: returned returns returning
rise: rising rises rised
roam: roamed roaming
rogue: rogues
severe:
shutdown: shutting shut shutdowns
spoof: spoofing spoofed impersonation
start: started starts starting startup
stop: stopped stops stopping terminated terminate terminates abort aborted
storm: storms flood flooding floods synflood
succeed: succeeded success successful successfully suceeded sucess succeeds succeded
suspend: suspended suspends
switchover: failover switchovers failovers switched takeover takenover
sync: syncs
synchronize: synchronized synchronization synchronised synchronise synced insync syncd synchronizes
temperature: temp temperatures tmp thermal
test: tests testing selftest tested
threshold: thresholds thresh thr thrsh threshhold thold thres
timeout: timedout timeouts
trigger: triggered triggers
trip: tripped trips
unauthorized: unauthorised unauth
unavailable: unavail notavail unavailability
uninstall: deinstalled uninstalled deinstall
unknown:
unplug: unplugged
unreachable: unreacable notreachable
unregister: unregistered deregistered deregister
unsupported: notsupported
unsynchronize: unsynchronized outofsync unsynchronised unsync desynchronized desync
update: updated updates upgrade upgraded upgrades upgrading xgrade downgrade downgraded
usage: utilization utilisation util
violate: violation violations violated vltn vltns violates
voltage: volt volts
warm:
warning: warn warnings caution
withdraw: withdrawn
"""

LEMMAS = {
    form: lemma
    for line in _FORMS.strip().splitlines()
    for lemma, forms in [line.split(":")]
    for form in (lemma, *forms.split())
}
"""Base form by form."""

_PHRASES = """
normal: back to normal|return to normal|back in normal|within normal range|within normal|back normal
normal: in range|within range|inside range|within limit|back to operational|not alarm|no alarm|alarm free
normal: no longer exceed|below threshold|within threshold|return to acceptable
outrange: out of range|outof range|not in range|out of tolerance|outside range|out range|outside of range
outrange: out of limit|out of normal
disappear: no longer
lack: no more
returnfrom: return from|recover from|back from
onbattery: on battery|running battery|battery mode|to battery|running on battery
onbypass: on bypass|in bypass|to bypass|bypass mode|enter bypass
remove: pulled out|remove out|plug out|pull out|plug off|taken out
insert: plug in|push in
unplug: un plug
available: is available|now available
unavailable: not available|no available|un available|not avail
unreachable: not reachable|un reachable|can not reach|cannot reach
unresponsive: not respond|no response|not responding|no answer|not answering|no responses|not answered
unsynchronize: not synchronize|out of synchronize|un synchronize
unsynchronize: out of sync|sync lose|lose of sync|not in sync
absent: not present|un present|not inserted|not insert
fail: not ok|not good|not normal|not healthy
fail: not operational|non oper|not operate|not working|not functional
fail: non operational|not ready|not oper|un healthy|cannot|can not|unable|could not|un able
invalid: not valid|not match|not met
unsupported: not support|not supported|un support|un supported
unauthorized: not authorized|un authorized|not allowed|not permitted
disconnect: not connect|un connect|dis connect|no connect|no connection
expiring: about to expire|will expire|near expire|approach expire|soon expire|expire soon
minor: non critical|not critical|noncritical
critical: non recoverable|unrecoverable|nonrecoverable|not recoverable|un recoverable
overtemp: over temperature|over heat|temperature above|temperature over|temperature too high
overload: over load|over subscription|over subscribed
overcurrent: over current
overvoltage: over voltage
undervoltage: under voltage
undercurrent: under current
low: too low|too few|under threshold
high: too high|too up|too many|too much|reach max|hits max
exceed: above threshold|over threshold|threshold reach|over limit|limit reach|reach limit|reach threshold
switchover: fail over|switch over|take over
failback: fail back|switch back|give back|giveback|revert
backward: backward transition|backward trans|leave establish|exit establish
establish: enter establish
topology: topology change|topo change
coldstart: cold start|cold boot
warmstart: warm start|warm boot
authfail: authenticate fail|fail authenticate|login fail
authfail: fail login|invalid login|access violate|authenticate error
authfail: authenticate reject|authenticate deny|login reject
authfail: login deny|login refuse|access deny|invalid password
authfail: password error|fail attempt|login attempt fail|authenticate violate|login error|authorize fail
authfail: authorization fail|logon fail
authfail: wep authenticate fail|wpa authenticate fail|user authenticate fail
configchange: config change|config save|config update|config change saved
newroot: new root|new master|root change|master change|leader change
powerdown: power down|power off|poweroff|powered off
powerup: power up|power on|poweron|powered on
forcedoff: force off
lowlayer: lower layer down
overtempshutdown: temperature shutdown|overtemp shutdown|temperature critical shutdown
ha: high available
"""

PHRASES = {
    tuple(LEMMAS.get(word, word) for word in phrase.split()): meaning
    for line in _PHRASES.strip().splitlines()
    for meaning, phrases in [line.split(": ")]
    for phrase in phrases.split("|")
}
"""Single word by the words of a phrase in their base form."""

_ENDINGS = """unreachable reachable failed failure failures fault restored recovered
    cleared clear exceeded removed inserted insertion removal detected mismatch missing expired
    overload overflow disconnected connected changed started stopped normal error errors
    established resumed offline online unavailable available disabled enabled success succeeded
    completed degraded threshold timeout invalid corrupted reset shutdown violation conflict
    denied rejected abnormal"""
_SHORT_ENDINGS = """entityup entitydown linkup linkdown portup portdown serverup serverdown peerup
    peerdown serviceup servicedown nodeup nodedown tunnelup tunneldown sessionup sessiondown
    neighborup neighbordown"""
WRITTEN_AS_ONE = {
    word: (word.removesuffix(ending), ending)
    for word in words(_SHORT_ENDINGS)
    for ending in ("up", "down")
    if word.endswith(ending)
}
"""Thing and state by names that are written without a capital between them."""
ENDINGS = tuple(sorted(words(_ENDINGS), key=lambda word: (-len(word), word)))
"""Words that can end a name written without capitals; the longest first."""
