// The identifiers of Commissions.

import Kernel

enum PolicyTag: IDTag { static let prefix = "pol" }
enum InvoiceTag: IDTag { static let prefix = "inv" }
/// A producer is a party.
enum ProducerTag: IDTag { static let prefix = "pty" }
enum StatementTag: IDTag { static let prefix = "cst" }

typealias PolicyID = ID<PolicyTag>
typealias InvoiceID = ID<InvoiceTag>
typealias ProducerID = ID<ProducerTag>
typealias StatementID = ID<StatementTag>
