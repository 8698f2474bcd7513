//! The one codec that ships plan nodes: ours by name and JSON, everything else by Ballista's.

use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::{
    common::{DataFusionError, Result, exec_err},
    execution::TaskContext,
    logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF},
    physical_expr_common::physical_expr::{proto_decode::PhysicalExprDecodeCtx, proto_encode::PhysicalExprEncodeCtx},
    physical_plan::{ExecutionPlan, PhysicalExpr},
};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::{
    broadcast_join::BroadcastJoinExec,
    bucket_writer::BucketWriterExec,
    conform::ConformExec,
    hash_count::HashCountExec,
    hot_count::HotCountExec,
    lane_filter::LaneFilterExec,
    latest::LatestExec,
    layer_merge::LayerMergeExec,
    merge_join::MergeJoinExec,
    operator::{Operator, OperatorExec},
    result_writer::ResultWriterExec,
    route::RouteExec,
    shard_writer::ShardWriterExec,
};

/// First byte of a node of ours. No protobuf message begins with it (it would be a tag of wire type 7), so the nodes of
/// Ballista's own codec cannot be taken for ours.
const OURS: u8 = 0xFF;

macro_rules! nodes {
    ($($operator:ty),* $(,)?) => {
        /// Names of all nodes of ours; the round-trip test covers each.
        pub const NODES: &[&str] = &[$(<$operator>::NAME),*];

        fn encode(node: &dyn ExecutionPlan) -> Option<Result<(&'static str, Vec<u8>)>> {
            $(if let Some(node) = node.downcast_ref::<OperatorExec<$operator>>() {
                let json = serde_json::to_vec(node.operator()).map_err(|error| DataFusionError::External(error.into()));
                return Some(json.map(|json| (<$operator>::NAME, json)));
            })*
            None
        }

        fn decode(name: &str, json: &[u8], inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
            match name {
                $(<$operator>::NAME => {
                    let operator: $operator =
                        serde_json::from_slice(json).map_err(|error| DataFusionError::External(error.into()))?;
                    OperatorExec::plan(operator, inputs)
                })*
                other => exec_err!("plan node `{other}` is unknown here: is this executor of another release?"),
            }
        }
    };
}

nodes!(
    BroadcastJoinExec,
    BucketWriterExec,
    ConformExec,
    HashCountExec,
    HotCountExec,
    LaneFilterExec,
    LatestExec,
    LayerMergeExec,
    MergeJoinExec,
    RouteExec,
    ResultWriterExec,
    ShardWriterExec,
);

/// Wraps Ballista's codec (never DataFusion's composed codec, which breaks every aggregate): a node of ours is the byte
/// 0xFF, the length of its name, the name, and its description as JSON.
#[derive(Debug, Default)]
pub struct MangonelCodec {
    ballista: BallistaPhysicalExtensionCodec,
}

impl PhysicalExtensionCodec for MangonelCodec {
    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        ctx: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [OURS, length, rest @ ..] = buf else { return self.ballista.try_decode(buf, inputs, ctx, converter) };
        let Some((name, json)) = rest.split_at_checked(usize::from(*length)) else {
            return exec_err!("a plan node was cut short");
        };
        decode(&String::from_utf8_lossy(name), json, inputs.to_vec())
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(encoded) = encode(node.as_ref()) else { return self.ballista.try_encode(node, buf, converter) };
        let (name, json) = encoded?;
        buf.extend([OURS, name.len() as u8]);
        buf.extend_from_slice(name.as_bytes());
        buf.extend(json);
        Ok(())
    }

    // Functions travel by name; Ballista's codec knows the ones of DataFusion and Spark.
    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.ballista.try_decode_udf(name, buf)
    }
    fn try_encode_udf(&self, node: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udf(node, buf)
    }
    fn try_decode_higher_order_function(&self, name: &str, buf: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        self.ballista.try_decode_higher_order_function(name, buf)
    }
    fn try_encode_higher_order_function(&self, node: &HigherOrderUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_higher_order_function(node, buf)
    }
    fn try_decode_expr(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn PhysicalExpr>],
        ctx: &PhysicalExprDecodeCtx<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        self.ballista.try_decode_expr(buf, inputs, ctx)
    }
    fn try_encode_expr(
        &self,
        node: &Arc<dyn PhysicalExpr>,
        buf: &mut Vec<u8>,
        ctx: &PhysicalExprEncodeCtx<'_>,
    ) -> Result<()> {
        self.ballista.try_encode_expr(node, buf, ctx)
    }
    fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        self.ballista.try_decode_udaf(name, buf)
    }
    fn try_encode_udaf(&self, node: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udaf(node, buf)
    }
    fn try_decode_udwf(&self, name: &str, buf: &[u8]) -> Result<Arc<WindowUDF>> {
        self.ballista.try_decode_udwf(name, buf)
    }
    fn try_encode_udwf(&self, node: &WindowUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udwf(node, buf)
    }
}
