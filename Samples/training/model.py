"""The demo model: its configuration, its start, its files."""

import json
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import CLIPTokenizer, XCLIPConfig, XCLIPModel

from actions import BACKGROUND, LABELS
from clips import FRAMES, SIZE
from tokenizer import write_tokenizer

WIDTH, LAYERS, HEADS, PATCH = 160, 5, 5, 16
TEXT_WIDTH, TEXT_LAYERS, TEXT_LENGTH = 128, 2, 32
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

#: The settings that a Hugging Face checkpoint doesn't contain. Times are in seconds, smoothing is a half-life.
DEFAULTS = dict(
    name="gerund-demo", labels=LABELS, background=BACKGROUND, window=2.0,
    start_threshold=0.5, end_threshold=0.2, smoothing=0.4, min_duration=0.75, merge_gap=1.0,
)


def make_config(vocabulary):
    """The sizes. `vocabulary` is the number of tokens, whose last two are the start and the end of text."""
    return XCLIPConfig(
        text_config=dict(
            vocab_size=vocabulary, hidden_size=TEXT_WIDTH, intermediate_size=4 * TEXT_WIDTH, num_hidden_layers=TEXT_LAYERS,
            num_attention_heads=4, max_position_embeddings=TEXT_LENGTH, bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1,
        ),
        vision_config=dict(
            hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
            mit_hidden_size=128, mit_intermediate_size=512, mit_num_hidden_layers=1, mit_num_attention_heads=4,
            image_size=SIZE, patch_size=PATCH, num_frames=FRAMES,
        ),
        projection_dim=128, prompt_layers=1, prompt_num_attention_heads=4, architectures=["XCLIPModel"],
    )


def make_model(config, seed):
    """A fresh model: Xavier's weights in the matrices, CLIP's small ones in the embeddings."""
    torch.manual_seed(seed)
    # On a CPU the backward pass of the fused attention takes three times as long as plain products over so few rows.
    config._attn_implementation = "eager"
    model = XCLIPModel(config)
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2 and "embedding" not in name:
            torch.nn.init.xavier_uniform_(parameter)
    torch.nn.init.xavier_uniform_(model.vision_model.embeddings.patch_embedding.weight.data.view(config.vision_config.hidden_size, -1))
    torch.nn.init.normal_(model.prompts_visual_projection, std=config.vision_config.hidden_size ** -0.5)
    torch.nn.init.normal_(model.mit.position_embedding, std=0.7)
    torch.nn.init.constant_(model.logit_scale, 2.3)
    return model


def pixel_values(frames):
    """Normalized pixels [..., 3, height, width] of 8-bit RGB frames [..., height, width, 3]."""
    pixels = torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, -3).float() / 255
    return (pixels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)


def tokens(tokenizer, texts):
    """Token ids and attention mask of texts, padded to the longest."""
    return tokenizer(texts, padding=True, truncation=True, max_length=TEXT_LENGTH, return_tensors="pt")


@contextmanager
def masked_messages(model, active):
    """Lets a frame attend only to itself and earlier frames, as when every frame is encoded once on arrival."""
    mask = torch.full((FRAMES, FRAMES), float("-inf")).triu(1)[None, None]
    attentions = [layer.message_attn for layer in model.vision_model.encoder.layers] if active else []
    originals = [attention.forward for attention in attentions]
    for attention, original in zip(attentions, originals):
        attention.forward = lambda states, original=original, **rest: original(states, attention_mask=mask, **rest)
    try:
        yield
    finally:
        for attention in attentions:
            del attention.forward


def write_config(directory):
    """Writes everything but the weights into a model directory; returns the configuration and the tokenizer."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    config = make_config(write_tokenizer(directory, length=TEXT_LENGTH))
    config.save_pretrained(directory)
    preprocessor = dict(
        image_processor_type="VideoMAEImageProcessor", do_resize=True, size=dict(shortest_edge=SIZE), resample=2,
        do_center_crop=True, crop_size=dict(height=SIZE, width=SIZE), do_rescale=True, rescale_factor=1 / 255,
        do_normalize=True, image_mean=MEAN, image_std=DEVIATION,
    )
    (directory / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    (directory / "gerund.json").write_text(json.dumps(DEFAULTS, indent=2) + "\n")
    return config, CLIPTokenizer.from_pretrained(directory)


def write_weights(directory, state, dtype=torch.float16):
    """Writes model.safetensors atomically."""
    directory = Path(directory)
    temporary = directory / "model.safetensors.part"
    stored = {name: value.detach().to(dtype).contiguous().clone() for name, value in state.items() if value.is_floating_point()}
    save_file(stored, temporary, metadata={"format": "pt"})
    temporary.replace(directory / "model.safetensors")
