import GerundCore
import GerundEngine
import Testing

@Suite("SourceRegistry")
struct SourceRegistryTests {
    private let door = SourceID("door")
    private var registry = SourceRegistry<Int>()

    @Test("Starts a source at once, and removes it when it has ended")
    mutating func simple() {
        #expect(self.registry.isEmpty)
        #expect(self.registry.add(1, as: self.door) == .start)
        #expect(!self.registry.isEmpty)
        #expect(self.registry.ended(self.door) == nil)
        #expect(self.registry.isEmpty)
    }

    @Test("Keeps a removed source running until it has ended")
    mutating func removed() {
        _ = self.registry.add(1, as: self.door)
        #expect(self.registry.remove(self.door) == 1)
        #expect(!self.registry.isEmpty)
        #expect(self.registry.ended(self.door) == nil)
        #expect(self.registry.remove(self.door) == nil)
        #expect(self.registry.isEmpty)
    }

    @Test("Starts the latest source of a name when the running one has ended")
    mutating func replaced() {
        _ = self.registry.add(1, as: self.door)
        #expect(self.registry.remove(self.door) == 1)
        let actions = [self.registry.add(2, as: self.door), self.registry.add(3, as: self.door)]
        #expect(actions == [.wait, .wait])
        #expect(self.registry.add(4, as: SourceID("yard")) == .start)
        #expect(self.registry.ended(self.door) == 3)
        #expect(self.registry.ended(self.door) == nil)
        #expect(!self.registry.isEmpty)
    }

    @Test("Drops a waiting source when its name is removed")
    mutating func removedWhileWaiting() {
        _ = self.registry.add(1, as: self.door)
        _ = self.registry.add(2, as: self.door)
        #expect(self.registry.remove(self.door) == 1)
        #expect(self.registry.ended(self.door) == nil)
        #expect(self.registry.isEmpty)
    }

    @Test("Drops all waiting sources and returns the running ones when all are removed")
    mutating func removedAll() {
        _ = self.registry.add(1, as: self.door)
        _ = self.registry.add(2, as: self.door)
        _ = self.registry.add(3, as: SourceID("yard"))
        #expect(self.registry.names.map(\.name) == ["door", "yard"])
        #expect(self.registry.removeWaiting().sorted() == [1, 3])
        #expect(self.registry.ended(self.door) == nil)
        #expect(self.registry.names.map(\.name) == ["yard"])
        #expect(self.registry.ended(SourceID("yard")) == nil)
        #expect(self.registry.isEmpty)
    }
}
