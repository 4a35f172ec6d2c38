"""more becomes known: history, links and duplicates, challenges, withdrawals, revision, reopening."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '7c41d2e9b6a3'
down_revision = '8c1f6d20a7b3'
branch_labels = None
depends_on = None

ADDED: Mapping[str, tuple[tuple[str, object], ...]] = {
    'cases': (
        ('reopened_at', postgresql.TIMESTAMP(timezone=True)),
        ('reopened_reason', sa.Text()),
        ('duplicate_of', sa.UUID()),
    ),
    'subjects': (('history', postgresql.JSONB(astext_type=sa.Text())),),
    'decisions': (
        ('team_code', sa.Text()),
        ('revises', sa.Integer()),
        ('made_on', sa.UUID()),
        ('mirrors', sa.UUID()),
    ),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column(
        'cases',
        sa.Column('withdrawals', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    )
    op.create_table(
        'links',
        sa.Column('contact_id', sa.UUID(), nullable=False),
        sa.Column('link_id', sa.UUID(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('relation', sa.Text(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('other_contact_id', sa.UUID(), nullable=False),
        sa.Column('linked_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column('reason_code', sa.Text(), nullable=False),
        sa.Column('pairs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('unlinked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column('unlinked_reason', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('contact_id', 'link_id'),
        comment="One row a contact and link. pairs: the duplicate's subjects and the primary's; ids only.",
    )
    op.create_index('links_other', 'links', ['other_contact_id', 'role'], unique=False)
    op.create_table(
        'challenges',
        sa.Column('contact_id', sa.UUID(), nullable=False),
        sa.Column('id', sa.UUID(), nullable=False),
        sa.Column('challenged_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column('reason_code', sa.Text(), nullable=False),
        sa.Column('subject_ids', postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column('result', sa.Text(), nullable=True),
        sa.Column('reason_codes', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('answer', sa.LargeBinary(), nullable=True),
        sa.Column('answered_by', sa.Text(), nullable=True),
        sa.Column('answered_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('contact_id', 'id'),
        comment='The referrer disagrees; answer: what a manager wrote, sealed.',
    )


def downgrade() -> None:
    op.drop_table('challenges')
    op.drop_index('links_other', table_name='links')
    op.drop_table('links')
    op.drop_column('cases', 'withdrawals')
    for table, columns in ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
