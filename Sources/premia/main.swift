import SwiftProtobuf
import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2
import GRPCProtobuf
import GRDB
import Hummingbird
import Mustache
import ArgumentParser
import Crypto
import Logging
import Yams
print("ok")
