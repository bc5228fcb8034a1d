import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Registry
import Testing
import VirtualCard

/// Cards whose applications have PINs of their own.
extension PINDeskTests {
    /// Locked is not absent: a service that left the application out would say that the card has the new PIN everywhere.
    @Test(arguments: [StatusWord.functionNotSupported, .fileInvalidated])
    func aLockedApplicationIsNotPassedOver(answer: StatusWord) throws {
        let layout = "national-2.0@timecos"
        let (card, _) = try issued(layout)
        let compiled = try counter.preparation.library.entry(layout).compiled
        let locked = try #require(compiled.directory("DF03")?.directory?.dedicatedFileName)
        let channel = try AnsweringChannel(VirtualCardChannel(card), refusing: answer) {
            $0.ins == 0xA4 && $0.data == locked
        }
        let error = #expect(throws: PINDeskError.self) {
            try serve(.change(from: pin("925814"), to: pin("481952")), layout, card, through: channel)
        }
        guard case .card(let error, let booked) = error, case .refused(_, answer) = error.cause else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error.directory == "DF03" && error.isUnchanged && !booked)
        #expect(try accepts("925814", layout, card) == [.success])
    }

    /// Each application's counter is its own: success in one does not hide the tries spent in another.
    @Test func theTriesOfEachApplicationAreCountedByThemselves() throws {
        let layout = "national-2.0@timecos"
        let (card, _) = try issued(layout)
        // somebody changed the PIN of DF02 alone
        try serve(.change(from: pin("925814"), to: pin("777123")), layout, card, in: ["DF02"])
        for left in (1...5).reversed() {
            let error = #expect(throws: PINDeskError.self) {
                try serve(.change(from: pin("925814"), to: pin("481952")), layout, card)
            }
            guard case .card(let error, _) = error else { continue }
            #expect(error.directory == "DF02" && error.isUnchanged)
            #expect(error.cause == .wrongPIN(triesLeft: left))
        }
        let error = #expect(throws: PINDeskError.self) {
            try serve(.change(from: pin("925814"), to: pin("481952")), layout, card)
        }
        guard case .card(let error, _) = error, case .lastTry(let name) = error.cause else {
            Issue.record("the last try of DF02 was spent")
            return
        }
        #expect(name.hasPrefix("PIN/00@"))
    }

    /// The card is pulled at every command of a reset; whatever was done is told, and the rest can be finished.
    @Test func aResetThatIsInterruptedSaysHowFarItCameAndIsFinished() throws {
        let layout = "national-2.0@timecos"
        let (card, made) = try issued(layout)
        var isDone = false
        for cut in 0..<80 where !isDone {
            let base = try VirtualCardChannel(card)
            let channel = FaultChannel(base, cutAt: cut, .beforeAnswer) { card.powerOff() }
            let digits = String(481_952 + cut * 7)
            do {
                try serve(.reset(to: pin(digits)), layout, card, through: channel)
                isDone = true
            } catch let error as PINDeskError {
                guard case .card(let error, let booked) = error else { continue }
                #expect(booked == !error.isUnchanged)
                if !error.isUnchanged {
                    #expect(try logged(made).last == .pinServed(.reset, ticket: "T-1"))
                    let left: Set = Set(error.left)
                    try serve(.reset(to: pin(digits)), layout, card, in: left)
                    #expect(try accepts(digits, layout, card) == [.success], "cut after \(cut)")
                }
            } catch is CardError {
            }
        }
        #expect(isDone)
    }

    @Test func aChangeThatIsInterruptedIsNotBooked() throws {
        let layout = "national-2.0@timecos"
        let (card, made) = try issued(layout)
        var isTorn = false
        for cut in 0..<80 where !isTorn {
            let channel = try FaultChannel(VirtualCardChannel(card), cutAt: cut, .beforeAnswer) { card.powerOff() }
            do {
                try serve(.change(from: pin("925814"), to: pin("481952")), layout, card, through: channel)
            } catch let error as PINDeskError {
                guard case .card(let error, booked: false) = error else { continue }
                isTorn = !error.isUnchanged
            } catch is CardError {
            }
        }
        #expect(isTorn)
        #expect(try !logged(made).contains { $0.kind == .pinServed })
    }
}
