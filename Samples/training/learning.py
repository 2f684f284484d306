"""Code shared by both trainings: prefetched batches, wordings of labels, and one training step."""

import copy
import multiprocessing as mp
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import binary_cross_entropy_with_logits

from actions import ACTIONS, LABELS


def draw_batches(draw, seed, size, level, permits, batches):
    """A worker: draws a batch per permit, with the current richness."""
    rng = np.random.default_rng(seed)
    while True:
        permits.acquire()
        batches.put(draw(rng, size, level.value))


class Pool:
    """The latest batches, prefetched by workers. A batch is used several times: drawing costs as much as training."""

    def __init__(self, draw, seed, workers, size, capacity, reuse, level):
        self.level = mp.Value("d", level)
        self.permits, self.queue = mp.Semaphore(capacity), mp.Queue(8)
        self.capacity, self.reuse, self.held, self.taken = capacity, reuse, [], 0
        self.rng = np.random.default_rng(seed)
        for worker in range(workers):
            mp.Process(target=draw_batches, args=(draw, seed + 1000 * (worker + 1), size, self.level, self.permits, self.queue), daemon=True).start()

    def take(self):
        """A random batch of those available, mirrored at random."""
        while not self.queue.empty() or len(self.held) < self.capacity // 4:
            self.held.append(self.queue.get())
            if len(self.held) > self.capacity:
                self.held.pop(0)
        self.taken += 1
        if self.taken % self.reuse == 0 and self.taken > self.capacity:
            self.permits.release()
        clips, kinds = self.held[self.rng.integers(len(self.held))]
        mirrored = self.rng.random(len(clips)) < 0.5
        return np.where(mirrored[:, None, None, None, None], clips[:, :, :, ::-1], clips), torch.from_numpy(kinds)


def choose_texts(rng, choices):
    """Two wordings of every label; every other time the first is the bare label itself."""
    first = [label if rng.random() < 0.5 else str(rng.choice(choices[label])) for label in ACTIONS]
    return first + [str(rng.choice(choices[label])) for label in ACTIONS]


def alone(logits, shares):
    """The loss of every label by itself against the background, [windows, labels]; a label that is right counts more.

    It makes a label's score, exp(z) / (exp(z) + sum of the background's exp(z)), mean something whichever labels are
    asked for: the right label must beat the background, and the background every wrong one.
    """
    margin = logits[:, :len(LABELS)] - logits[:, len(LABELS):].logsumexp(1, keepdim=True)
    target = shares[:, :len(LABELS)]
    return binary_cross_entropy_with_logits(margin, target, reduction="none") * (target * 4 + 1)


def load_weights(model, directory):
    """Loads the weights of a model directory."""
    stored = load_file(Path(directory) / "model.safetensors")
    model.load_state_dict({name: value.float() for name, value in stored.items()}, strict=False)


class Course:
    """The progress of a training, by steps or time, whichever is further."""

    def __init__(self, arguments):
        self.arguments, self.begin = arguments, time.time()

    def minutes(self):
        return (time.time() - self.begin) / 60

    def progress(self, step):
        """0 at the start, 1 at the end."""
        limit = self.arguments.minutes
        return max(step / self.arguments.steps, self.minutes() / limit if limit else 0.0)


class Learner:
    """Steps of AdamW on a model, and the running average of its weights, which is what is exported."""

    def __init__(self, model, parameters, rate, warmup, memory):
        """`rate` is the highest, reached after `warmup` steps; `memory`, below 1, is how slowly the average follows."""
        self.model, self.parameters = model, parameters
        self.rate, self.warmup, self.memory = rate, warmup, memory
        self.average, self.steps = copy.deepcopy(model.state_dict()), 0
        self.optimizer = torch.optim.AdamW(parameters, lr=0.0, weight_decay=0.05, betas=(0.9, 0.98))

    def step(self, loss, progress):
        """The rate falls to a fiftieth along half a cosine."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1, (self.steps + 1) / self.warmup) * (0.51 + 0.49 * np.cos(np.pi * progress))
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.model.logit_scale.data.clamp_(max=np.log(60))
        self.steps += 1

    def follow(self):
        """Updates the average."""
        decay = min(self.memory, self.steps / (self.steps + 10))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - decay)
