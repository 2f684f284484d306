public import GerundEvents

/// Where records go: a terminal, a log, a list in a test.
///
/// Whoever calls waits until the record is taken, so a sink that is slow slows the sources down; those that can't be
/// slowed lose frames, which are counted.
public protocol RecordSink: Sendable {
    /// Takes one record.
    ///
    /// - Throws: When no record can be taken any more: the run ends.
    func take(_ record: Record) async throws
}
