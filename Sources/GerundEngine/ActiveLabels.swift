/// The labels, thresholds and smoothing that a run uses at present: the part of its configuration that can change while
/// sources run.
struct ActiveLabels: Sendable {
    /// Increases by 1 with every update.
    var generation = 0
    /// The run's configuration, with the present labels, thresholds and smoothing.
    var configuration: RecognizerConfiguration
    /// The text embeddings of the configuration's labels and background phrases.
    var embeddings: LabelEmbeddings
}
