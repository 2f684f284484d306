import Synchronization

/// What windows are compared with, and what is made of it: what may change while sources run.
struct RecognitionTarget: Sendable {
    /// Rises with every change.
    var number = 0
    var configuration: RecognizerConfiguration
    var vocabulary: Vocabulary
}

/// The target of a run: written by the run, read by each of its sources between two windows.
final class SharedTarget: Sendable {
    private let target: Mutex<RecognitionTarget>

    init(_ target: RecognitionTarget) {
        self.target = Mutex(target)
    }

    var current: RecognitionTarget { self.target.withLock { $0 } }

    /// The target when it is another than that with the given number.
    func newer(than number: Int) -> RecognitionTarget? {
        self.target.withLock { $0.number == number ? nil : $0 }
    }

    func change(to configuration: RecognizerConfiguration, _ vocabulary: Vocabulary) {
        self.target.withLock { target in
            target = RecognitionTarget(
                number: target.number + 1, configuration: configuration, vocabulary: vocabulary)
        }
    }
}
