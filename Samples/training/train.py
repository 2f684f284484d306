"""Trains the demo model on clips that it draws itself, and writes the model folder again and again as it goes.

    python train.py --out ../demo-model
"""

import argparse
import copy
import multiprocessing as mp
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy, logsigmoid

from actions import ACTIONS, LABELS, wordings
from clips import random_batch
from model import make_model, masked_messages, pixel_values, tokens, write_config, write_weights


def draw_batches(draw, seed, size, level, permits, batches):
    """A worker: draws a batch for every permit, as rich as the level of the moment."""
    rng = np.random.default_rng(seed)
    while True:
        permits.acquire()
        batches.put(draw(rng, size, level.value))


class Pool:
    """The latest batches, drawn ahead by workers. A batch is used a few times: drawing costs as much as learning."""

    def __init__(self, seed, workers, size, capacity, reuse, level, draw=random_batch):
        self.level = mp.Value("d", level)
        self.permits, self.queue = mp.Semaphore(capacity), mp.Queue(8)
        self.capacity, self.reuse, self.held, self.taken = capacity, reuse, [], 0
        self.rng = np.random.default_rng(seed)
        for worker in range(workers):
            mp.Process(target=draw_batches, args=(draw, seed + 1000 * (worker + 1), size, self.level, self.permits, self.queue), daemon=True).start()

    def take(self):
        """A random one of the batches at hand, mirrored at random."""
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


def loss_of(logits, kinds):
    """Cross-entropy over all labels, and every label by itself against the background.

    The second part makes a label's score, exp(z) / (exp(z) + sum of the background's exp(z)), mean something
    whichever labels are asked for: the right label must beat the background, and the background every wrong one.
    """
    total = 0.0
    count = len(ACTIONS)
    for part in (logits[:, :count], logits[:, count:]):
        total = total + cross_entropy(part, kinds, label_smoothing=0.05)
        margin = part[:, :len(LABELS)] - part[:, len(LABELS):].logsumexp(1, keepdim=True)
        right = torch.nn.functional.one_hot(kinds, count)[:, :len(LABELS)].float()
        each = -(right * logsigmoid(margin) + (1 - right) * logsigmoid(-margin))
        total = total + 0.5 * (each * (right * 4 + 1)).sum(1).mean() / 5
    return total / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="the model folder to write")
    parser.add_argument("--steps", type=int, default=3000, help="steps of one batch")
    parser.add_argument("--minutes", type=float, default=0, help="end after so many minutes if that comes first")
    parser.add_argument("--batch", type=int, default=64, help="clips in a batch")
    parser.add_argument("--rate", type=float, default=6e-4, help="the highest learning rate")
    parser.add_argument("--masked", type=float, default=0.25, help="share of batches whose frames hear only earlier frames")
    parser.add_argument("--pool", type=int, default=96, help="batches kept at hand")
    parser.add_argument("--reuse", type=int, default=3, help="how often a batch is used, on average")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    parser.add_argument("--threads", type=int, default=2, help="threads that train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", help="a model folder to go on from, without helpers")
    parser.add_argument("--level", type=float, default=0.0, help="how rich the scenes are at first, 0...1")
    parser.add_argument("--richest", type=float, default=0.5, help="how rich they become")
    parser.add_argument("--export", type=int, default=100, help="steps between exports")
    arguments = parser.parse_args()

    pool = Pool(arguments.seed, arguments.workers, arguments.batch, arguments.pool, arguments.reuse, arguments.level)
    torch.set_num_threads(arguments.threads)
    config, tokenizer = write_config(arguments.out)
    model = make_model(config, arguments.seed)
    if arguments.start:
        model.load_state_dict({name: value.float() for name, value in load_file(Path(arguments.start) / "model.safetensors").items()}, strict=False)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    average = copy.deepcopy(model.state_dict())
    helpers = [torch.nn.Linear(config.vision_config.hidden_size, len(ACTIONS)), torch.nn.Linear(config.projection_dim, len(ACTIONS))]
    parameters = [*model.parameters(), *helpers[0].parameters(), *helpers[1].parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=0.0, weight_decay=0.05, betas=(0.9, 0.98))
    rng = np.random.default_rng(arguments.seed)
    choices = {label: wordings(label) for label in ACTIONS}
    begin, accuracy = time.time(), 0.0
    write_weights(arguments.out, average)
    pool.take()
    print(f"{time.time() - begin:.0f} s to fill the pool", flush=True)
    begin = time.time()

    step = 0
    while True:
        minutes = (time.time() - begin) / 60
        progress = max(step / arguments.steps, minutes / arguments.minutes if arguments.minutes else 0.0)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = arguments.rate * min(1, (step + 1) / 60) * (0.51 + 0.49 * np.cos(np.pi * progress))
        clips, kinds = pool.take()
        words = tokens(tokenizer, choose_texts(rng, choices))
        fading = 0.0 if arguments.start else max(0.0, 1 - progress / 0.5)
        with masked_messages(model, (arguments.start or progress > 0.15) and rng.random() < arguments.masked), torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(input_ids=words.input_ids, attention_mask=words.attention_mask, pixel_values=pixel_values(clips))
            frames = out.vision_model_output.pooler_output.view(len(clips), -1, config.vision_config.hidden_size)
            guesses = [helpers[0](frames.mean(1)), helpers[1](out.video_embeds * 8)]
        logits = out.logits_per_video.float()
        loss = loss_of(logits, kinds)
        if fading:
            loss = loss + 0.5 * fading * sum(cross_entropy(guess.float(), kinds) for guess in guesses)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        model.logit_scale.data.clamp_(max=np.log(60))
        step += 1

        accuracy += 0.04 * ((logits[:, :len(ACTIONS)].argmax(1) == kinds).float().mean().item() - accuracy)
        if accuracy > 0.55:
            # Richer scenes, but only for a model that has learnt what it was given so far.
            pool.level.value = min(arguments.richest, pool.level.value + 4 / arguments.steps)
        decay = min(0.99, step / (step + 10))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                average[name].lerp_(value, 1 - decay)
        if step % 25 == 0:
            print(f"{step:5d} {minutes * 60:6.0f} s  loss {loss.item():.3f}  top-1 {accuracy:.3f}  helper "
                  f"{(guesses[0].argmax(1) == kinds).float().mean():.2f}  rich {pool.level.value:.2f}  pool {len(pool.held)}", flush=True)
        if step % arguments.export == 0:
            write_weights(arguments.out, average)
    write_weights(arguments.out, average)
    print(f"{step} steps in {(time.time() - begin) / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
