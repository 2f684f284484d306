public import GerundRecords

/// A destination of records: a terminal, a log, or a list in a test.
///
/// The caller waits until a record is written, so a slow sink slows its source down. Live sources, which can't be
/// slowed, drop frames, which are counted.
public protocol RecordSink: Sendable {
    /// Writes one record.
    ///
    /// - Parameter record: The record.
    /// - Throws: An error to end the run. The ends of open events and the sources' summaries are still written to the
    ///   sink, and their errors ignored.
    func write(_ record: Record) async throws
}
