"""The demo model's actions: their labels, their wordings, and which wordings training never sees."""

#: Labels that the model reports, in the order in which results list them.
LABELS = [
    "walking",
    "running",
    "jumping",
    "doing jumping jacks",
    "waving a hand",
    "clapping",
    "squatting",
    "falling down",
    "lying on the floor",
    "sitting down",
    "standing up",
    "punching",
    "kicking",
]

#: Descriptions of a quiet scene: never reported, but each label's score is against them.
BACKGROUND = ["standing still", "an empty room"]

#: Every class, labels first.
ACTIONS = LABELS + BACKGROUND

#: Actions that happen once, from one posture to another; the others have any duration.
ONE_SHOT = {"falling down", "sitting down", "standing up"}

#: Phrases that training uses for an action, besides the label itself.
PHRASES = {
    "walking": ["walks", "walking around", "taking a walk", "walking slowly", "strolling", "walking past", "going for a walk"],
    "running": ["runs", "running around", "jogging", "sprinting", "running fast", "going for a run", "jogging past"],
    "jumping": ["jumps", "jumping up", "jumping up and down", "hopping", "jumping high", "leaping", "hopping up and down"],
    "doing jumping jacks": ["does jumping jacks", "jumping jacks", "star jumps", "doing star jumps", "exercising with jumping jacks"],
    "waving a hand": ["waves a hand", "waving", "waving hello", "waving goodbye", "waving at the camera", "hand waving", "greeting with a hand"],
    "clapping": ["claps", "clapping hands", "applauding", "claps hands", "hand clapping", "clapping loudly"],
    "squatting": ["squats", "doing squats", "squatting down and up", "does squats", "exercising with squats", "doing knee bends"],
    "falling down": ["falls down", "falling", "falls to the floor", "falling over", "collapsing", "tripping and falling", "a fall"],
    "lying on the floor": ["lies on the floor", "lying down", "lying on the ground", "lying still", "lies on the ground", "stretched out on the floor"],
    "sitting down": ["sits down", "sitting down on the floor", "taking a seat", "sits down on the ground", "going to sit"],
    "standing up": ["stands up", "getting up", "standing up from the floor", "gets up", "rising from the ground", "rising to the feet"],
    "punching": ["punches", "boxing", "throwing punches", "punching the air", "throws punches", "shadow boxing"],
    "kicking": ["kicks", "kicking a leg", "kicking the air", "throwing kicks", "kicks a leg", "doing kicks"],
    "standing still": ["stands still", "standing", "standing quietly", "just standing", "not moving", "doing nothing", "standing around"],
    "an empty room": ["an empty scene", "nobody", "no person", "no one", "an empty place", "nobody in the room", "no people"],
}

#: Phrases kept from training and used only to evaluate. They are new combinations of words that training has
#: seen elsewhere: a text encoder that learnt fifteen actions cannot know words that it never met.
HELD_OUT_PHRASES = {
    "walking": ["walking past slowly", "walks around"],
    "running": ["runs fast", "going jogging"],
    "jumping": ["jumps up and down", "hopping up"],
    "doing jumping jacks": ["exercising with star jumps", "does star jumps"],
    "waving a hand": ["waves hello", "waving hello at the camera"],
    "clapping": ["clapping hands loudly", "applauding loudly"],
    "squatting": ["squats down and up", "does knee bends"],
    "falling down": ["falls over", "falling to the ground"],
    "lying on the floor": ["lying still on the ground", "lies down"],
    "sitting down": ["going to sit on the floor", "sits on the ground"],
    "standing up": ["getting up from the ground", "rising from the floor"],
    "punching": ["throwing punches in the air", "boxing the air"],
    "kicking": ["kicks the air", "doing leg kicks"],
    "standing still": ["standing around quietly", "just standing still"],
    "an empty room": ["nobody in an empty place", "a room with no people"],
}

#: Sentences around a phrase about a person; training draws one at random.
TEMPLATES = [
    "{}",
    "{}",
    "a person {}",
    "someone {}",
    "a man {}",
    "a woman {}",
    "a video of a person {}",
    "a video of someone {}",
    "somebody {}",
]

#: Sentences around a phrase about a place.
EMPTY_TEMPLATES = ["{}", "{}", "a video of {}", "there is {}"]

#: Sentences that training never uses.
HELD_OUT_TEMPLATES = ["a video of a man {}", "a video of somebody {}"]
HELD_OUT_EMPTY_TEMPLATES = ["there is {}", "a video of {}"]


def wordings(label):
    """Every sentence that training may use for a label."""
    templates = EMPTY_TEMPLATES if label == "an empty room" else TEMPLATES
    return sorted({template.format(phrase) for phrase in [label, *PHRASES[label]] for template in templates})


def held_out_wordings(label):
    """Sentences about a label that training never uses: new phrases, bare and in sentences also new."""
    templates = HELD_OUT_EMPTY_TEMPLATES if label == "an empty room" else HELD_OUT_TEMPLATES
    return [template.format(phrase) for phrase in HELD_OUT_PHRASES[label] for template in ["{}", *templates]]
