"""Trains the demo model on clips that it draws itself, and writes the model directory repeatedly.

    python train.py --out ../demo-model
"""

import argparse
import time

import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

from actions import ACTIONS, wordings
from clips import random_batch
from learning import Course, Learner, Pool, alone, choose_texts, load_weights
from model import make_model, masked_messages, pixel_values, tokens, write_config, write_weights


def loss_of(logits, kinds):
    """Cross-entropy over all labels, and every label by itself against the background."""
    total = 0.0
    count = len(ACTIONS)
    shares = one_hot(kinds, count).float()
    for part in (logits[:, :count], logits[:, count:]):
        total = total + cross_entropy(part, kinds, label_smoothing=0.05)
        total = total + 0.1 * alone(part, shares).sum(1).mean()
    return total / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="the model directory to write")
    parser.add_argument("--steps", type=int, default=3000, help="steps of one batch")
    parser.add_argument("--minutes", type=float, default=0, help="end after this many minutes if that comes first")
    parser.add_argument("--batch", type=int, default=64, help="clips in a batch")
    parser.add_argument("--rate", type=float, default=6e-4, help="the highest learning rate")
    parser.add_argument("--masked", type=float, default=0.25, help="share of batches whose frames hear only earlier frames")
    parser.add_argument("--pool", type=int, default=96, help="batches kept at hand")
    parser.add_argument("--reuse", type=int, default=3, help="how often a batch is used, on average")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    parser.add_argument("--threads", type=int, default=2, help="threads that train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", help="a model directory to go on from, without helpers")
    parser.add_argument("--level", type=float, default=0.0, help="how rich the scenes are at first, 0...1")
    parser.add_argument("--richest", type=float, default=0.5, help="how rich they become")
    parser.add_argument("--export", type=int, default=100, help="steps between exports")
    arguments = parser.parse_args()

    pool = Pool(random_batch, arguments.seed, arguments.workers, arguments.batch, arguments.pool, arguments.reuse, arguments.level)
    torch.set_num_threads(arguments.threads)
    config, tokenizer = write_config(arguments.out)
    model = make_model(config, arguments.seed)
    if arguments.start:
        load_weights(model, arguments.start)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    helpers = [torch.nn.Linear(config.vision_config.hidden_size, len(ACTIONS)), torch.nn.Linear(config.projection_dim, len(ACTIONS))]
    parameters = [*model.parameters(), *helpers[0].parameters(), *helpers[1].parameters()]
    learner = Learner(model, parameters, arguments.rate, warmup=60, memory=0.99)
    rng = np.random.default_rng(arguments.seed)
    choices = {label: wordings(label) for label in ACTIONS}
    begin, accuracy = time.time(), 0.0
    write_weights(arguments.out, learner.average)
    pool.take()
    print(f"{time.time() - begin:.0f} s to fill the pool", flush=True)

    course = Course(arguments)
    while (progress := course.progress(learner.steps)) < 1:
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
        learner.step(loss, progress)
        learner.follow()

        accuracy += 0.04 * ((logits[:, :len(ACTIONS)].argmax(1) == kinds).float().mean().item() - accuracy)
        if accuracy > 0.55:
            # Richer scenes, but only for a model that has learnt what it was given so far.
            pool.level.value = min(arguments.richest, pool.level.value + 4 / arguments.steps)
        if learner.steps % 25 == 0:
            print(f"{learner.steps:5d} {course.minutes() * 60:6.0f} s  loss {loss.item():.3f}  top-1 {accuracy:.3f}  helper "
                  f"{(guesses[0].argmax(1) == kinds).float().mean():.2f}  rich {pool.level.value:.2f}  pool {len(pool.held)}", flush=True)
        if learner.steps % arguments.export == 0:
            write_weights(arguments.out, learner.average)
    write_weights(arguments.out, learner.average)
    print(f"{learner.steps} steps in {course.minutes():.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
