import GerundCore
import GerundEngine
import Testing

@Suite("The sources of a run")
struct SourceLineupTests {
    private let door = SourceID("door")
    private var lineup = SourceLineup<Int>()

    @Test("begin at once, and are gone when they have ended")
    mutating func simple() {
        #expect(self.lineup.isEmpty)
        #expect(self.lineup.add(1, as: self.door) == true)
        #expect(!self.lineup.isEmpty)
        #expect(self.lineup.ended(self.door) == nil)
        #expect(self.lineup.isEmpty)
    }

    @Test("run until they have ended, also when they are no longer wanted")
    mutating func removed() {
        _ = self.lineup.add(1, as: self.door)
        #expect(self.lineup.remove(self.door) == 1)
        #expect(!self.lineup.isEmpty)
        #expect(self.lineup.ended(self.door) == nil)
        #expect(self.lineup.remove(self.door) == nil)
        #expect(self.lineup.isEmpty)
    }

    @Test("wait for one of the same name to end, the latest only")
    mutating func replaced() {
        _ = self.lineup.add(1, as: self.door)
        #expect(self.lineup.remove(self.door) == 1)
        let starts = [self.lineup.add(2, as: self.door), self.lineup.add(3, as: self.door)]
        #expect(starts == [false, false])
        #expect(self.lineup.add(4, as: SourceID("yard")) == true)
        #expect(self.lineup.ended(self.door) == 3)
        #expect(self.lineup.ended(self.door) == nil)
        #expect(!self.lineup.isEmpty)
    }

    @Test("wait in vain when their name is no longer wanted")
    mutating func removedWhileWaiting() {
        _ = self.lineup.add(1, as: self.door)
        _ = self.lineup.add(2, as: self.door)
        #expect(self.lineup.remove(self.door) == 1)
        #expect(self.lineup.ended(self.door) == nil)
        #expect(self.lineup.isEmpty)
    }
}
