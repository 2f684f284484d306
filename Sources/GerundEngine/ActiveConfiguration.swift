/// The configuration that a run currently uses, of which the labels, thresholds and smoothing can change while sources
/// run.
struct ActiveConfiguration: Sendable {
    /// The number of updates applied so far.
    var generation = 0
    /// The run's configuration, with the current labels, thresholds and smoothing.
    var configuration: RecognizerConfiguration
    /// The text embeddings of the configuration's labels and background phrases.
    var embeddings: LabelEmbeddings
}
