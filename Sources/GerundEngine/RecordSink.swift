public import GerundEvents

/// Where records go: a terminal, a log, a list in a test.
///
/// Whoever calls waits until the record is taken, so a sink that is slow slows the sources down; those that can't be
/// slowed lose frames, which are counted.
public protocol RecordSink: Sendable {
    /// Takes one record.
    ///
    /// - Throws: When no more records are wanted: the run ends. The ends of open events and of the sources are still
    ///   offered, whatever becomes of them.
    func take(_ record: Record) async throws
}
