"""How long work under way will still take, from what like work took here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Task:
    """One job to come or under way. `size`: what its time grows with (bytes, pictures). `share`: how much of it is done, 0 to 1;
    `spent`: the seconds that this took; None while it waits."""

    size: float
    share: float = 0.0
    spent: float | None = None


#: A job that has done less says too little of its speed.
TELLING = 0.05
#: What is left at least of one that has said nothing however long.
SILENT = 0.5
#: … and of one whose whole time is forecast by others like it, once it takes longer than they did.
OVERDUE = 0.1

#: Work of a comparison of sound, as an hour's pair and three cameras of a minute to an hour measured it, in seconds of one processor: for each
#: second that is read, for each pair, and for each second of the shorter of a pair. Only how they relate counts.
READING, PAIR, COMPARING = 0.0009, 0.7, 0.0005
#: Up to so many recordings all are compared with all, of more each with the two longest.
ALL_PAIRS, LONGEST = 8, 2

#: Percent that a job has to move before its pace says anything, and seconds over which that is measured at least.
MOVED, RECENT_S = 3.0, 20.0
#: … and the share of the time spent: the longer it runs, the calmer.
RECENT = 1 / 3
#: Percent between two sights of a job that are kept.
STEP = 0.5


@dataclass(slots=True)
class Pace:
    """How fast a job moves of late: what it took to fetch its files says nothing of the frames that follow."""

    began: float
    _seen: list[tuple[float, float]] = field(default_factory=list)

    def see(self, at: float, percent: float) -> None:
        """Where it is, at a time in seconds."""
        if not self._seen or abs(percent - self._seen[-1][1]) >= STEP:
            self._seen.append((at, percent))

    def seconds_left(self, now: float, percent: float) -> float | None:
        """Seconds to 100 percent as it went of late; None until it has moved far enough to tell."""
        since = now - max(RECENT_S, (now - self.began) * RECENT)
        at, then = next((one for one in reversed(self._seen) if one[0] <= since), (self.began, 0.0))
        moved = percent - then
        return (100 - percent) * (now - at) / moved if moved >= MOVED else None


def sync_work(recordings: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """The work of reading recordings and of comparing them with each other. `recordings`: camera and seconds of each; those of one camera are
    not compared."""
    ordered = sorted(recordings, key=lambda recording: -recording[1])
    hubs = ordered if len(ordered) <= ALL_PAIRS else ordered[:LONGEST]
    pairs = ((one, two) for place, one in enumerate(hubs) for two in ordered[place + 1 :])
    shorter = [two[1] for one, two in pairs if one[0] != two[0]]
    return READING * sum(seconds for _, seconds in recordings), PAIR * len(shorter) + COMPARING * sum(shorter)


def seconds_left_of_known(task: Task, per_unit: float) -> float:
    """Of a job whose progress says less than what others like it took."""
    whole = task.size * per_unit
    return max(whole - (task.spent or 0.0), whole * OVERDUE)


def seconds_per_unit(tasks: Sequence[Task], ended: Sequence[Task]) -> float | None:
    """What one unit of size takes: by the jobs under way, which share the machine as it is now; else by those that ended. None
    where nothing was measured."""
    known = [_pace(task) for task in tasks if task.share >= TELLING] or [_pace(task) for task in ended]
    paces = [pace for pace in known if pace is not None]
    return median(paces) if paces else None


def _pace(task: Task) -> float | None:
    done = task.size * task.share
    return task.spent / done if task.spent is not None and done else None


def _left(task: Task, per_unit: float) -> float:
    """Of a job that has said nothing yet, the time that it has run counts: some of it passes before the first sign."""
    pace = _pace(task) if task.share >= TELLING else None
    if pace is not None:
        return task.size * (1 - task.share) * pace
    whole = task.size * per_unit
    return max(whole - (task.spent or 0.0), whole * SILENT)


def seconds_left(tasks: Sequence[Task], per_unit: float | None) -> float | None:
    """Seconds until the last of `tasks` has ended, where as many go side by side as now do. None where it is not known."""
    if not tasks:
        return 0.0
    if per_unit is None:
        return None
    left = [_left(task, per_unit) for task in tasks]
    lanes = max(1, sum(task.spent is not None for task in tasks))
    return max(max(left), sum(left) / lanes)
