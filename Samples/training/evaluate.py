"""Evaluates the demo model on unseen clips, after H.264 encoding and decoding.

    python evaluate.py --model ../demo-model --work clips --report ../demo-model/RESULTS.md

makes the clips (kept in --work and used again), decodes them with ffmpeg, samples 4 windows a second and writes the
report: top-1, confusion, wordings kept from training, events, and how far streaming with kept frames strays from
exact windows.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer, XCLIPModel

from actions import ACTIONS, BACKGROUND, HELD_OUT_PHRASES, LABELS, held_out_wordings
from clips import FRAMES, SIZE
from make_clip import HEIGHT, RATE, WIDTH, make_clip
from model import pixel_values, tokens
from streaming import Parts, Stream, exact_video

STEP = 0.25


def sample(path):
    """Frames [n, SIZE, SIZE, 3] of a video, one every STEP seconds, the shorter edge scaled to SIZE, center-cropped."""
    width = int(SIZE * WIDTH / HEIGHT + 0.5)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-vf", f"scale={width}:{SIZE}:flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp",
               "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, SIZE, width, 3)
    due = np.ceil(np.arange(0, len(frames) / RATE, STEP) * RATE - 1e-6).astype(int)
    left = round((width - SIZE) / 2)
    return frames[due[due < len(frames)], :, left:left + SIZE].copy()


def truth(timeline, count):
    """For every window, by its newest frame: its action's index if it lies wholly inside one action, else -1."""
    labels = np.full(count, -1)
    for entry in timeline:
        first = int(np.ceil(entry["start"] / STEP - 1e-6)) + FRAMES - 1
        end = int(np.ceil(entry["end"] / STEP - 1e-6))
        labels[first:end] = ACTIONS.index(entry["label"])
    return labels[FRAMES - 1:]


class Clip:
    """One sampled video with the ground truth of its windows."""

    def __init__(self, path):
        self.name = path.stem
        self.timeline = json.loads(path.with_suffix(".timeline.json").read_text())
        self.pixels = pixel_values(sample(path))
        self.labels = truth(self.timeline, len(self.pixels))

    def exact(self, parts):
        """(video, patches) of every window."""
        windows = self.pixels.unfold(0, FRAMES, 1).movedim(-1, 1)
        answers = [exact_video(parts, windows[i:i + 32]) for i in range(0, len(windows), 32)]
        return tuple(torch.cat(list(part)) for part in zip(*answers))

    def streamed(self, parts, refresh):
        """The same with cached frames."""
        stream = Stream(parts, refresh)
        answers = [answer for frame in self.pixels if (answer := stream.push(frame[None])) is not None]
        return tuple(torch.cat(list(part)) for part in zip(*answers))


def scores(logits):
    """Every label against the background: exp(z) / (exp(z) + sum of the background's exp(z))."""
    return torch.sigmoid(logits[:, :len(LABELS)] - logits[:, len(LABELS):].logsumexp(1, keepdim=True))


def decide(logits, threshold):
    """The label with the highest score if it reaches `threshold`, else -1."""
    best, label = scores(logits).max(1)
    return torch.where(best >= threshold, label, -1).numpy()


def find_events(logits, settings):
    """Events (label, start, end) in a clip's windows, smoothed and with hysteresis, as Gerund reports them."""
    smooth, events, running, since = None, [], None, None
    keep = 0.5 ** (STEP / settings["smoothing"]) if settings["smoothing"] else 0.0
    for index, now in enumerate(scores(logits).numpy()):
        time = (index + FRAMES - 1) * STEP
        smooth = now if smooth is None else keep * smooth + (1 - keep) * now
        label = int(smooth.argmax())
        if running and (label != running["label"] or smooth[label] < settings["end_threshold"]):
            running["end"] = time
            running = None
        if running:
            running["end"] = time
        if smooth[label] < settings["start_threshold"]:
            since = None
        elif since is None or since[0] != label:
            since = (label, time)
        if not running and since and time - since[1] >= settings["min_duration"]:
            if events and events[-1]["label"] == label and time - events[-1]["end"] <= settings["merge_gap"]:
                running = events[-1]
            else:
                running = dict(label=label, start=since[1] - (FRAMES - 1) * STEP, end=time)
                events.append(running)
    return [(ACTIONS[event["label"]], event["start"], event["end"]) for event in events]


def judge_events(timeline, events):
    """Actions of at least 3 s, those of them that an event overlaps, and events that overlap no such action."""
    overlaps = lambda entry, event: entry["label"] == event[0] and event[1] < entry["end"] and event[2] > entry["start"]
    actions = [entry for entry in timeline if entry["label"] in LABELS and entry["end"] - entry["start"] >= 3]
    found = [entry for entry in actions if any(overlaps(entry, event) for event in events)]
    false = [event for event in events if not any(overlaps(entry, event) for entry in timeline)]
    return actions, found, false


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def percent(part, whole):
    return f"{100 * part / max(1, whole):.1f} % ({part} of {whole})"


def prepare(directory, seeds, seconds, **manner):
    """Makes the clips that don't exist yet; returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in seeds:
        name = "-".join(["clip", str(seed), f"{seconds:g}", *[f"{key}{value:g}" for key, value in manner.items()]])
        path = directory / f"{name}.mp4"
        if not path.with_suffix(".timeline.json").exists():
            make_clip(seed, seconds, path, **manner)
        paths.append(path)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="../demo-model")
    parser.add_argument("--work", required=True, help="where generated clips are kept")
    parser.add_argument("--report", help="the report to write; otherwise it is printed")
    parser.add_argument("--clips", nargs="*", default=[], help="further videos with timelines, reported one by one")
    parser.add_argument("--first-seed", type=int, default=5001)
    parser.add_argument("--count", type=int, default=10, help="clips of other seeds")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--quiet-minutes", type=int, default=20, help="minutes in which nothing happens, in clips of two")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    model = XCLIPModel.from_pretrained(arguments.model, dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(arguments.model)
    settings = json.loads((Path(arguments.model) / "gerund.json").read_text())
    parts = Parts(model, tokens(tokenizer, ACTIONS))
    work = Path(arguments.work)
    report = Report(parts, settings)

    for path in map(Path, arguments.clips):
        report.add(Clip(path), alone=True)
    for path in prepare(work, range(arguments.first_seed, arguments.first_seed + arguments.count), arguments.seconds):
        report.add(Clip(path))
    sections = [report.accuracy(), report.confusion(), report.wordings(tokenizer), report.streaming()]
    if arguments.quiet_minutes:
        quiet = prepare(work, range(arguments.first_seed + 500, arguments.first_seed + 500 + arguments.quiet_minutes // 2), 120, quiet=1, rich=0.5)
        sections.append(report.calm([Clip(path) for path in quiet]))
    text = "\n\n".join(sections) + "\n"
    if arguments.report:
        path = Path(arguments.report)
        marker = "<!-- measured -->\n"
        intro = path.read_text().split(marker)[0] if path.exists() else ""
        path.write_text(intro + marker + "\n" + text)
    print(text)


class Report:
    """Collects answers and turns them into sections of text."""

    def __init__(self, parts, settings):
        self.parts, self.settings, self.clips, self.rows = parts, settings, [], []
        self.actions, self.found, self.false, self.others = 0, 0, 0, 0

    def add(self, clip, alone=False):
        """Recognizes a clip. A separate clip has its own row and doesn't count among the unseen seeds."""
        answer = clip.exact(self.parts)
        logits = self.parts.logits(*answer)
        inside = clip.labels >= 0
        wanted = np.where(clip.labels >= len(LABELS), -1, clip.labels)
        right = (decide(logits, self.settings["start_threshold"]) == wanted)[inside].sum()
        events = find_events(logits, self.settings)
        actions, found, false = judge_events(clip.timeline, events)
        self.rows.append([clip.name, percent(right, inside.sum()), f"{len(found)} of {len(actions)}", len(false),
                          ", ".join(entry["label"] for entry in actions if entry not in found) or "-",
                          ", ".join(f"{label} {start:.1f}-{end:.1f}" for label, start, end in false) or "-"])
        if not alone:
            self.clips.append((clip, answer, logits))
            self.actions, self.found, self.false = self.actions + len(actions), self.found + len(found), self.false + len(false)

    def inside(self):
        """Logits and true classes of all windows wholly inside one action."""
        logits = torch.cat([logits[torch.from_numpy(clip.labels >= 0)] for clip, _, logits in self.clips])
        return logits, np.concatenate([clip.labels[clip.labels >= 0] for clip, _, _ in self.clips])

    def accuracy(self):
        logits, labels = self.inside()
        top = (logits.argmax(1).numpy() == labels).sum()
        wanted = np.where(labels >= len(LABELS), -1, labels)
        decided = (decide(logits, self.settings["start_threshold"]) == wanted).sum()
        head = ["clip", "label or none right", "actions of 3 s with an event", "false events", "missed", "which false"]
        return "\n\n".join([
            "## Windows wholly inside one action",
            f"Over all {len(ACTIONS)} classes, {len(self.clips)} clips of unseen seeds: top-1 {percent(top, len(labels))}. "
            f"Label above `start_threshold`, or none where nothing happens: {percent(decided, len(labels))}. "
            f"Actions of 3 s and more with an event: {self.found} of {self.actions}; false events: {self.false}.",
            table(head, self.rows),
        ])

    def confusion(self):
        logits, labels = self.inside()
        answers = logits.argmax(1).numpy()
        counts = np.zeros((len(ACTIONS), len(ACTIONS)), int)
        np.add.at(counts, (labels, answers), 1)
        rows = [[action, *[count or "" for count in counts[k]], f"{100 * counts[k, k] / max(1, counts[k].sum()):.0f} %"] for k, action in enumerate(ACTIONS)]
        return "## Confusion\n\nA row is what is true, a column what was recognised; windows wholly inside one action.\n\n" + table(
            ["", *ACTIONS, "right"], rows)

    def wordings(self, tokenizer):
        """Every label in words that training never used; all labels change at once."""
        sets = len(held_out_wordings(ACTIONS[0]))
        rows, right, total = [], 0, 0
        per_label = np.zeros((len(ACTIONS), 2), int)
        for index in range(sets):
            self.parts.set_texts(tokens(tokenizer, [held_out_wordings(action)[index] for action in ACTIONS]))
            good = count = 0
            for clip, answer, _ in self.clips:
                inside = torch.from_numpy(clip.labels >= 0)
                answers = self.parts.logits(answer[0][inside], answer[1][inside]).argmax(1).numpy()
                labels = clip.labels[clip.labels >= 0]
                np.add.at(per_label, (labels, 0), answers == labels)
                np.add.at(per_label, (labels, 1), 1)
                good, count = good + (answers == labels).sum(), count + len(labels)
            rows.append([index + 1, "; ".join(held_out_wordings(action)[index] for action in ACTIONS[:3]) + "; ...", percent(good, count)])
            right, total = right + good, total + count
        self.parts.set_texts(tokens(tokenizer, ACTIONS))
        worst = sorted((100 * good / max(1, count), ACTIONS[k]) for k, (good, count) in enumerate(per_label))[:4]
        return "\n\n".join([
            "## Wordings kept from training",
            f"Top-1 with every label in a wording that training never used (phrases such as \"{HELD_OUT_PHRASES['running'][0]}\", made of words that it did use): "
            f"{percent(right, total)} over {sets} sets of wordings. Weakest: " + ", ".join(f"{name} {value:.0f} %" for value, name in worst) + ".",
            table(["set", "begins with", "top-1"], rows),
        ])

    def streaming(self):
        """The difference between windows with cached frames and exact windows."""
        rows = []
        exact = torch.cat([logits for _, _, logits in self.clips])
        labels = np.concatenate([clip.labels for clip, _, _ in self.clips])
        inside = labels >= 0
        two = exact.softmax(-1).topk(2)[0]
        sure = ((two[:, 0] - two[:, 1]) > 0.5).numpy()
        for name, refresh in (("plain cache", 0), ("class token refreshed", 1)):
            logits = torch.cat([self.parts.logits(*clip.streamed(self.parts, refresh)) for clip, _, _ in self.clips])
            same = (logits.argmax(1) == exact.argmax(1)).numpy()
            change = (logits.softmax(-1) - exact.softmax(-1)).abs()
            right = (logits.argmax(1).numpy() == labels)[inside].mean()
            rows.append([name, f"{100 * same.mean():.1f} %", f"{100 * same[inside].mean():.1f} %", f"{100 * same[sure].mean():.1f} %",
                         f"{100 * right:.1f} %", f"{change.mean():.4f}", f"{change.amax(1).quantile(0.95):.3f}"])
        accuracy = (exact.argmax(1).numpy() == labels)[inside].mean()
        return "\n\n".join([
            "## Streaming with kept frames against exact windows",
            f"{len(labels)} windows, {inside.sum()} of them wholly inside one action, {sure.sum()} in which the exact answer leads by more than 0.5. "
            f"Exact top-1 inside one action: {100 * accuracy:.1f} %.",
            table(["older frames", "same answer, all windows", "inside one action", "where exact leads by 0.5", "top-1 inside one action",
                   "mean change of probability", "95th percentile of the largest change"], rows),
        ])

    def calm(self, clips):
        """False events in quiet clips."""
        minutes, events, windows, raised = 0.0, [], 0, 0
        for clip in clips:
            logits = self.parts.logits(*clip.exact(self.parts))
            minutes += clip.timeline[-1]["end"] / 60
            windows, raised = windows + len(logits), raised + int((decide(logits, self.settings["start_threshold"]) >= 0).sum())
            events += [(clip.name, *event) for event in find_events(logits, self.settings)]
        listed = "; ".join(f"{name}: {label} {start:.1f}-{end:.1f} s" for name, label, start, end in events) or "none"
        empty = sum(clip.timeline[0]["label"] == BACKGROUND[1] for clip in clips)
        return "\n\n".join([
            "## When nothing happens",
            f"{minutes:.0f} minutes of richer video (`--quiet 1 --rich 0.5`: shake, flicker, things that move) in {len(clips)} clips, {empty} of an empty room and "
            f"{len(clips) - empty} of somebody standing: {len(events)} events ({listed}); {percent(raised, windows)} of single windows above `start_threshold`.",
        ])


if __name__ == "__main__":
    main()
