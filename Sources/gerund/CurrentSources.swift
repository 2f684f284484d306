import GerundCore
import GerundStream
import Synchronization

/// The sources of a run, which may come and go.
final class CurrentSources: Sendable {
    private let sources: Mutex<[any FrameSource]>

    init(_ sources: [any FrameSource]) {
        self.sources = Mutex(sources)
    }

    var all: [any FrameSource] { self.sources.withLock { $0 } }

    func change(removing ids: [SourceID], adding added: [any FrameSource]) {
        self.sources.withLock { sources in
            sources.removeAll { ids.contains($0.id) }
            sources += added
        }
    }
}
