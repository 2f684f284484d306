"""Weights and images computed from a formula: the same bits as Sources/XCLIP/SyntheticWeights.swift."""
import math

import numpy as np

MASK = (1 << 64) - 1


def bits(name, count, seed=0, first=0):
    """64 bits for each of `count` indices: SplitMix64 over the name's FNV-1a hash and the index."""
    base = 0xCBF29CE484222325
    for byte in name.encode():
        base = ((base ^ byte) * 0x100000001B3) & MASK
    index = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    z = np.uint64(base ^ seed) + index * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def values(name, count, seed=0):
    """Numbers in -1..<1: multiples of 2^-23, so exact in float32."""
    whole = (bits(name, count, seed) >> np.uint64(40)).astype(np.int32) - (1 << 23)
    return whole.astype(np.float32) * np.float32(2.0**-23)


def distribution(name, shape):
    """The mean and the largest deviation of a tensor's values, by its kind."""
    parts = name.split(".")
    last, owner = parts[-1], parts[-2] if len(parts) > 1 else ""
    norm = "norm" in owner or owner == "message_ln"
    if last == "logit_scale":
        return 4.6052, 0
    if last == "alpha":
        return 0.1, 0.02
    if last in ("class_embedding", "position_embedding"):
        return 0, 0.1
    if last == "weight" and owner in ("token_embedding", "position_embedding"):
        return 0, 0.1
    if last == "weight" and norm:
        return 1, 0.1
    if last == "bias":
        return 0, 0.05 if norm else 0.02
    inputs = shape[0] if last == "prompts_visual_projection" else math.prod(shape[1:])
    return 0, math.sqrt(3 / inputs)


def tensor(name, shape, seed=0):
    offset, scale = (np.float32(value) for value in distribution(name, shape))
    return (offset + scale * values(name, math.prod(shape), seed)).reshape(shape)


def video(index, frames, size):
    """RGB bytes [frames, size, size, 3]: noise for an even index, squares of 16x16 pixels of one color for an odd."""
    edge = 1 if index % 2 == 0 else 16
    blocks = -(-size // edge)
    small = (bits(f"video.{index}", frames * blocks * blocks * 3) >> np.uint64(56)).astype(np.uint8)
    small = small.reshape(frames, blocks, blocks, 3)
    return small.repeat(edge, axis=1).repeat(edge, axis=2)[:, :size, :size]
