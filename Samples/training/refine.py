"""Continues training a demo model on streams: for transitions between actions, for quiet periods, and for both modes.

    python refine.py --start ../demo-model --out ../demo-model

Every step computes some windows of each stream exactly, and all of them as streaming does (`streaming.streamed_windows`),
and trains on three things: both answers are right, the fast one says what the exact one says, and a window that shows
two actions is as much of each as it shows.
"""

import argparse
import multiprocessing as mp
import time

import numpy as np
import torch
from torch.nn.functional import one_hot
from transformers import CLIPTokenizer

from actions import ACTIONS, LABELS, wordings
from clips import FRAMES
from learning import Course, Learner, Pool, alone, choose_texts, load_weights
from model import make_model, pixel_values, tokens, write_config, write_weights
from streaming import Parts, exact_video, streamed_windows
from streams import random_streams


def loss_of(logits, shares):
    """Cross-entropy over all labels, and every label by itself against the background, as in `train.loss_of`.

    `shares` is how much of a window shows each class.
    """
    total, count = 0.0, len(ACTIONS)
    smoothed = shares * 0.96 + 0.04 / count
    for part in (logits[:, :count], logits[:, count:]):
        total = total - (smoothed * part.log_softmax(1)).sum(1).mean()
        each = alone(part, shares)
        # What goes on in the background is what a camera sees most: a label that beats it costs three times as much.
        quiet = shares[:, len(LABELS):].sum(1)
        total = total + 0.1 * (each.sum(1) * (1 + 2 * quiet)).mean()
    return total / 2


def disagreement(exact, fast):
    """The divergence of fast from exact answers, with a weaker gradient for the exact ones."""
    total = 0.0
    for place in (slice(0, len(ACTIONS)), slice(len(ACTIONS), None)):
        p, q = exact[:, place].log_softmax(1), fast[:, place].log_softmax(1)
        total = total + (p.detach().exp() * (p.detach() - q)).sum(1).mean() + 0.5 * (q.detach().exp() * (q.detach() - p)).sum(1).mean()
    return total / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", required=True, help="the model directory to go on from")
    parser.add_argument("--out", required=True, help="the model directory to write")
    parser.add_argument("--steps", type=int, default=600, help="steps of one batch")
    parser.add_argument("--minutes", type=float, default=0, help="end after this many minutes if that comes first")
    parser.add_argument("--batch", type=int, default=32, help="streams in a batch")
    parser.add_argument("--rate", type=float, default=3e-4, help="the highest learning rate")
    parser.add_argument("--agree", type=float, default=1.0, help="weight of the disagreement")
    parser.add_argument("--pool", type=int, default=40, help="batches kept at hand")
    parser.add_argument("--reuse", type=int, default=3, help="how often a batch is used, on average")
    parser.add_argument("--trainers", type=int, default=2, help="processes that train, each with one that draws for it")
    parser.add_argument("--rich", type=float, default=0.55, help="how rich the scenes are")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    config, _ = write_config(arguments.out)
    model = make_model(config, arguments.seed)
    load_weights(model, arguments.start)
    model.share_memory()
    steps = mp.Value("i", 0)
    trainers = [mp.Process(target=train, args=(arguments, model, steps, index)) for index in range(arguments.trainers)]
    for trainer in trainers:
        trainer.start()
    for trainer in trainers:
        trainer.join()


def train(arguments, model, steps, index):
    """One of the processes that train the same shared weights; each step updates them immediately.

    So every one uses what processor time there is, and none waits for another (Hogwild, arXiv 1106.5730).
    """
    torch.set_num_threads(1)
    seed = arguments.seed + 100 * index
    pool = Pool(random_streams, seed, 1, arguments.batch, arguments.pool, arguments.reuse, arguments.rich)
    tokenizer = CLIPTokenizer.from_pretrained(arguments.out)
    learner = Learner(model, list(model.parameters()), arguments.rate, warmup=30, memory=0.98)
    rng = np.random.default_rng(seed)
    choices = {label: wordings(label) for label in ACTIONS}
    pool.take()
    course, means, exported = Course(arguments), np.zeros(4), time.time()
    while (progress := course.progress(steps.value)) < 1:
        frames, kinds = pool.take()
        pixels = pixel_values(frames)
        shares = one_hot(kinds, len(ACTIONS)).float().unfold(1, FRAMES, 1).mean(-1)
        windows = shares.shape[1]
        # Two exact windows of every stream; which ones of the fast ones are the same.
        chosen = torch.from_numpy(np.stack([rng.permutation(windows)[:2] for _ in range(len(kinds))]))
        same = (torch.arange(len(kinds))[:, None] * windows + chosen).flatten()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            parts = Parts(model, tokens(tokenizer, choose_texts(rng, choices)))
            moments = chosen.flatten()[:, None] + torch.arange(FRAMES)
            exact = parts.logits(*exact_video(parts, pixels[torch.arange(len(kinds)).repeat_interleave(2)[:, None], moments]))
            fast = parts.logits(*streamed_windows(parts, pixels))
        exact, fast = exact.float(), fast.float()
        truth = shares.flatten(0, 1)
        apart = disagreement(exact, fast[same])
        loss = loss_of(exact, truth[same]) + 0.5 * loss_of(fast, truth) + arguments.agree * apart
        learner.step(loss, progress)
        with steps.get_lock():
            steps.value += 1

        best = exact[:, :len(ACTIONS)].argmax(1)
        sure = truth[same].max(1).values > 0.99
        now = [loss.item(), (best == truth[same].argmax(1))[sure].float().mean().item(),
               (best == fast[same, :len(ACTIONS)].argmax(1)).float().mean().item(), apart.item()]
        means += (np.array(now) - means) * max(0.04, 1 / learner.steps)
        if index > 0:
            continue
        learner.follow()
        if learner.steps % 10 == 0:
            print(f"{steps.value:5d} {course.minutes() * 60:6.0f} s  loss {means[0]:.3f}  top-1 {means[1]:.3f}  agreement {means[2]:.4f}  apart {means[3]:.4f}  pool {len(pool.held)}", flush=True)
        if time.time() - exported > 60:
            write_weights(arguments.out, learner.average)
            exported = time.time()
    if index == 0:
        write_weights(arguments.out, learner.average)
        print(f"{steps.value} steps in {course.minutes():.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
